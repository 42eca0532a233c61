#include "runner/wire/json_fields.h"

#include <cmath>

namespace trun::wire {
namespace {

constexpr std::size_t kDeepest = 64;
/// About 13 days in nanoseconds; as on the status page.
constexpr std::uint64_t kLongestDuration = 1ull << 50;
constexpr std::uint64_t kLatestTime = 1ull << 62;

json::parse_options limits() {
  json::parse_options options;
  options.max_depth = kDeepest;
  return options;
}

Error nonsense(const std::string& what) { return internal_error("nonsense in a frame: " + what); }

template <typename T>
bool read_integer(const json::value& value, T& into) {
  // 1.0 is a double, and no integer here.
  if (!value.is_int64() && !value.is_uint64()) return false;
  boost::system::error_code error;
  // Fails where the number does not fit into T.
  into = value.to_number<T>(error);
  return !error;
}

}  // namespace

bool read(const json::value& value, bool& into) {
  if (const bool* found = value.if_bool()) into = *found;
  return value.is_bool();
}

bool read(const json::value& value, int& into) { return read_integer(value, into); }

bool read(const json::value& value, std::uint64_t& into) { return read_integer(value, into); }

bool read(const json::value& value, double& into) {
  if (!value.is_number()) return false;
  into = value.to_number<double>();
  // 1e999 is JSON, and infinity when it is read.
  return std::isfinite(into);
}

bool read(const json::value& value, std::string& into) {
  const json::string* found = value.if_string();
  if (found == nullptr) return false;
  into.assign(found->data(), found->size());
  return true;
}

bool read(const json::value& value, Duration& into) {
  std::uint64_t ns = 0;
  if (!read(value, ns) || ns > kLongestDuration) return false;
  into = Duration(static_cast<std::int64_t>(ns));
  return true;
}

bool read(const json::value& value, TimePoint& into) {
  std::uint64_t ns = 0;
  if (!read(value, ns) || ns > kLatestTime) return false;
  into = TimePoint(Duration(static_cast<std::int64_t>(ns)));
  return true;
}

const json::value* Fields::find(std::string_view key) {
  const json::value* value = object_.if_contains(key);
  if (value == nullptr) complain_of(key, "is missing");
  return value;
}

void Fields::complain(const std::string& place, const char* what) {
  // Only the first: one is enough to refuse the frame.
  if (wrong_.empty()) wrong_ = place + " " + what;
}

void Fields::required_text(std::string_view key, std::string& into) {
  if (const json::value* value = find(key)) into = json::serialize(*value);
}

void read_hook(Fields& fields, HookFact& hook) {
  fields.required("hook", hook.hook);
  fields.required("plugin", hook.plugin);
  fields.required("distribution", hook.distribution);
  fields.required("version", hook.version);
  fields.required("path", hook.path);
  fields.required("known", hook.known);
}

void read_forked(Fields& fields, Forked& frame) {
  fields.required("request", frame.request);
  fields.required("pid", frame.pid);
  fields.maybe("server", frame.server);
}

void read_fork_failed(Fields& fields, ForkFailed& frame) {
  fields.required("request", frame.request);
  fields.required("error", frame.error);
}

Status Payload::parse(std::string_view text) {
  boost::system::error_code error;
  // All values of a frame stand in one resource, which is freed as a whole: a large collection has very many.
  value_ = json::parse(text, error, &memory_, limits());
  if (error) return nonsense("not JSON (" + error.message() + ")");
  const json::object* object = value_.if_object();
  if (object == nullptr) return nonsense("not an object");
  const json::value* type = object->if_contains("t");
  if (type == nullptr || !type->is_string()) return nonsense("no type");
  // A view into value_, which lives as long.
  type_ = std::string_view(type->get_string().data(), type->get_string().size());
  return ok_status();
}

}  // namespace trun::wire
