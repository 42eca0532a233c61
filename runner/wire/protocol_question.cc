// The arguments of questions, and the values of their answers.
#include "runner/wire/frame_writer.h"
#include "runner/wire/json_fields.h"
#include "runner/wire/question_frames.h"

namespace trun {
namespace {

using wire::Fields;
namespace json = wire::json;

template <typename T>
Result<T> decode_args(const JsonText& args, void (*fill)(Fields&, T&)) {
  // `args` is kept as text in the frame, since only who answers the question knows its fields.
  boost::system::error_code error;
  const json::value value = json::parse(args, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return internal_error("nonsense in a question: args are not an object");
  std::string wrong;
  Fields fields(*object, "args", wrong);
  T into;
  fill(fields, into);
  if (!wrong.empty()) return internal_error("nonsense in a question: " + wrong);
  return into;
}

void read_port(Fields& fields, PortQuestion& question) {
  fields.required("name", question.name);
  fields.maybe("socket", question.socket);
  fields.maybe("address", question.address);
}

void read_once(Fields& fields, OnceQuestion& question) {
  fields.required("key", question.key);
  fields.required("fixture", question.fixture);
  fields.maybe("value", question.value);
  fields.maybe("failure", question.failure);
  if (!question.failure.empty() && question.failure.size() != 2) fields.complain_of("failure", "is not [kind, text]");
}

}  // namespace

Result<PortQuestion> decode_port_question(const JsonText& args) { return decode_args(args, read_port); }

JsonText port_answer(std::uint16_t number) { return std::to_string(number); }

Result<OnceQuestion> decode_once_question(const JsonText& args) { return decode_args(args, read_once); }

JsonText once_owner_answer() { return R"({"owner":true})"; }

JsonText once_value_answer(const OnceQuestion& made) {
  json::object object{{"owner", false}, {"value", wire::to_json(made.value)}};
  // null: it returned. The worker tells by this field whether there is a value.
  object["failure"] = made.failure.empty() ? json::value(nullptr) : wire::to_json(made.failure);
  return json::serialize(object);
}

}  // namespace trun
