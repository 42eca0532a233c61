// The JSON of a peer that we did not write: either it is nonsense and the Error says so, or what comes out of it is in
// bounds and says the same when the JSON is written otherwise. And the way back: whatever text goes into a frame of
// ours, the frame is JSON.
#include <boost/json.hpp>

#include "reporters/event_log.h"
#include "reporters/utf8.h"
#include "runner/wire/frame.h"
#include "runner/wire/protocol.h"
#include "scheduler/estimates.h"
#include "scheduler/history.h"
#include "tests/fuzz/fuzz.h"

namespace trun {
namespace {

namespace json = boost::json;

constexpr std::string_view kNonsense = "nonsense in a frame: ";

json::value parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = 100;
  boost::system::error_code error;
  json::value value = json::parse(text, error, {}, options);
  require(!error, "what trun writes is JSON");
  return value;
}

/// What an event of the run would be logged as.
std::string logged(const RunEvent& event) {
  const std::string line = event_json(event, {});
  require(line.find('\n') == line.size() - 1, "an event is a line");
  require(parse(line).is_object(), "an event is an object");
  return line;
}

/// What a frame says, as far as reports are concerned.
struct Said {
  std::string operator()(const ResultFrame& frame) const {
    const TestResult& result = frame.result;
    require(result.started >= TimePoint() && result.total() >= Duration(0), "times can be added up");
    require(!outcome_name(result.outcome).empty(), "a result has an outcome");
    return std::to_string(frame.ordinal) + frame.node_id + logged(event::TestFinished{result, {}});
  }
  std::string operator()(const CollectedPart& frame) const { return (*this)(frame.part); }
  std::string operator()(const CollectedLists& frame) const {
    event::CollectionFinished event{{}, frame.reports, {}};
    for (const CollectedItem& item : frame.items)
      event.collection.items.push_back({item.node_id, 0, item.line, item.group, {}});
    return logged(event);
  }
  std::string operator()(const WarningFrame& frame) const { return logged(frame.warning); }
  std::string operator()(const SuitePropertyFrame& frame) const { return logged(frame.property); }
  std::string operator()(const StoppedFrame& frame) const {
    require(frame.kind <= StoppedFrame::Kind::internal, "a session stops in a way that there is");
    return frame.reason + frame.where + frame.traceback;
  }
  std::string operator()(const Question& frame) const { return json::serialize(parse(frame.args)); }
  std::string operator()(const DoneFrame& frame) const { return frame.workeroutput; }
  std::string operator()(const RelayFrame& frame) const { return frame.text; }
  std::string operator()(const HostReady& frame) const {
    std::string all;
    for (const std::string& input : frame.inputs) all += input;
    for (const auto& [name, value] : frame.env) all += name + value.value_or("");
    return all + frame.scheduler.at(0) + frame.scheduler.at(1);
  }
  std::string operator()(const HostNode& frame) const { return frame.input; }
  std::string operator()(const HostCrashed& frame) const {
    return frame.status.at(0) + frame.status.at(1) + frame.status.at(2);
  }
  std::string operator()(const HostScopes& frame) const { return std::to_string(frame.scopes.size()); }
  std::string operator()(const InternalError& frame) const { return frame.reason + frame.where + frame.traceback; }
  std::string operator()(const HostDone& frame) const { return frame.summary; }
  std::string operator()(const Forked& frame) const {
    return std::to_string(frame.request) + std::to_string(frame.pid);
  }
  std::string operator()(const ForkFailed& frame) const { return std::to_string(frame.request) + frame.error; }
  std::string operator()(const Configured& frame) const {
    check_durations(frame.durations);
    return frame.rootdir + (frame.xdist.empty() ? "" : frame.xdist.front().second) + frame.options.keyword;
  }
  template <typename Other>
  std::string operator()(const Other&) const {
    return "";
  }

 private:
  /// Durations of earlier runs come from a file in the user's cache: anything can stand there.
  static void check_durations(const std::vector<std::pair<std::string, double>>& durations) {
    Collection collection;
    std::vector<std::string> files;
    for (const auto& [path, seconds] : durations) {
      collection.items.push_back({path + "::test", static_cast<FileIndex>(files.size()), -1, "", {}});
      collection.files.push_back({path, {static_cast<ItemIndex>(files.size())}});
      files.push_back(path);
    }
    const History history({durations.begin(), durations.end()});
    const auto estimates = history.estimates(files, std::vector<std::size_t>(files.size(), 1));
    for (const Duration estimate : estimates) require(estimate >= Duration(0), "no file takes less than no time");
    require(Estimates(collection, estimates).remaining() >= Duration(0), "no run takes less than no time");
  }
};

template <typename Frame>
std::string read(std::string_view payload, Result<Frame> (*decode)(std::string_view)) {
  const Result<Frame> frame = decode(payload);
  if (frame.ok()) return std::to_string(frame->index()) + std::visit(Said(), *frame);
  require_message(frame.error(), Error::Kind::internal, kNonsense);
  return frame.error().message;
}

/// The same JSON without blanks and escapes, and with a field that no frame has.
std::string rewritten(const json::object& object) {
  json::object more = object;
  more["a field of a later version"] = json::array{1, nullptr};
  return json::serialize(more);
}

void check_encoded(const std::string& frame, const std::string& key, const std::string& text) {
  FrameDecoder decoder;
  decoder.feed(frame);
  const auto payload = decoder.next();
  require(payload.ok() && payload->has_value() && decoder.pending() == 0, "what is encoded is one frame");
  const json::value value = parse(**payload);
  if (valid_utf8(text) == text) require(value.at(key).as_string() == text, "text travels as it is");
}

}  // namespace

void fuzz(std::string_view payload) {
  const std::string server = read(payload, decode_from_server);
  const std::string worker = read(payload, decode_from_worker);
  const std::string host = read(payload, decode_from_host);
  boost::system::error_code error;
  const json::value value = json::parse(payload, error);  // of a smaller depth than the decoders allow
  if (!error && value.is_object()) {
    const std::string otherwise = rewritten(value.get_object());
    require(read(otherwise, decode_from_server) == server, "one message, one meaning");
    require(read(otherwise, decode_from_worker) == worker, "one message, one meaning");
    require(read(otherwise, decode_from_host) == host, "one message, one meaning");
  }
  const std::string text(payload);
  Hello hello;
  hello.args = hello.argv = hello.per_worker = {text};
  hello.cwd = text;
  check_encoded(encode(hello), "cwd", text);
  Start start;
  start.worker_id = start.config_map = text;
  check_encoded(encode(start), "worker_id", text);
  check_encoded(encode(Assign{{text}, 1, false, text, text, 1}), "t", "assign");
  check_encoded(encode(SaveCache{{{text, text}}, {text}, {text}, {{text, 1}}, {{text, text}}}), "t", "save_cache");
}

}  // namespace trun
