#include "tests/allocations/allocation_log.h"

#include <charconv>
#include <cmath>
#include <system_error>

#include "runner/wire/json_fields.h"

namespace trun::allocation {
namespace {

using wire::Fields;
namespace json = wire::json;

/// Times of a run are shorter than that: 300 years.
constexpr double kLongest = 1e10;

void seconds(Fields& fields, std::string_view key, Micros& into) {
  double value = 0;
  fields.required(key, value);
  if (std::abs(value) > kLongest) return fields.complain_of(key, "is no time");
  into = std::llround(value * 1e6);
}

void read_demand(Fields& fields, Demand& demand) {
  fields.required("name", demand.name);
  fields.required("amount", demand.amount);
  fields.maybe("shared", demand.shared);
}

/// "gpu", "gpu:2", "read:db", "write:db".
Demand demand_from(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return {text, 1, false};
  const std::string before = text.substr(0, colon), after = text.substr(colon + 1);
  if (before == "read") return {after, 1, true};
  if (before == "write") return {after, kAllUnits, false};
  std::uint64_t amount = 0;
  const auto [end, error] = std::from_chars(after.data(), after.data() + after.size(), amount);
  if (error != std::errc() || end != after.data() + after.size()) amount = 0;
  return {before, amount, false};
}

void read_demands(Fields& fields, std::pair<std::string, Demands>& demands) {
  std::vector<std::string> texts;
  fields.required("nodeid", demands.first);
  fields.required("resources", texts);
  fields.maybe("serial", demands.second.serial);
  for (const std::string& text : texts) {
    demands.second.resources.push_back(demand_from(text));
    if (demands.second.resources.back().amount == 0) fields.complain_of("resources", "is no demand");
  }
}

void read_share(Fields& fields, Share& share) {
  read_demand(fields, share.demand);
  fields.required("units", share.units);
  fields.required("capacity", share.capacity);
}

void read_durations(Fields& fields, TestEnded& ended) {
  for (const char* phase : {"setup", "call", "teardown"}) {
    Micros took = 0;
    seconds(fields, phase, took);
    ended.took += took;
  }
}

void run_started(Fields& fields, Event& event) { fields.maybe("resources", event.emplace<Capacities>().of); }

void collection_finished(Fields& fields, Event& event) {
  auto& collected = event.emplace<Collected>();
  fields.required("items", collected.items);
  if (fields.has("demands")) fields.each("demands", collected.demands, read_demands);
}

void resources_taken(Fields& fields, Event& event) {
  auto& taken = event.emplace<Taken>();
  fields.required("hold", taken.hold);
  fields.required("worker", taken.worker);
  fields.required("nodeid", taken.test);
  fields.each("resources", taken.shares, read_share);
  fields.maybe("serial", taken.serial);
}

void resources_released(Fields& fields, Event& event) {
  auto& released = event.emplace<Released>();
  fields.required("hold", released.hold);
  fields.required("worker", released.worker);
}

void test_finished(Fields& fields, Event& event) {
  auto& ended = event.emplace<TestEnded>();
  fields.required("nodeid", ended.test);
  fields.required("worker", ended.worker);
  fields.required("outcome", ended.outcome);
  fields.required("attempt", ended.attempt);
  if (fields.has("started")) seconds(fields, "started", ended.started.emplace());
  fields.nested("durations", ended, read_durations);
}

void worker_exited(Fields& fields, Event& event) { fields.required("worker", event.emplace<WorkerEnded>().worker); }

void run_finished(Fields&, Event& event) { event.emplace<RunEnded>(); }

constexpr wire::FrameKind<Event> kKinds[] = {
    {"run_started", run_started},         {"collection_finished", collection_finished},
    {"resources_taken", resources_taken}, {"resources_released", resources_released},
    {"test_finished", test_finished},     {"worker_exited", worker_exited},
    {"run_finished", run_finished}};

/// What is wrong with it; empty: nothing.
std::string read_line(std::string_view text, Line& line) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error) return "not JSON (" + error.message() + ")";
  const json::object* object = value.if_object();
  if (object == nullptr) return "not an object";
  std::string wrong, kind;
  Fields fields(*object, "the line", wrong);
  fields.required("event", kind);
  seconds(fields, "at", line.at.emplace());
  for (const auto& [name, read] : kKinds) {
    if (name == kind) read(fields, line.event);
  }
  return wrong;
}

}  // namespace

std::vector<Line> read_allocation_log(std::string_view text) {
  std::vector<Line> lines;
  while (!text.empty()) {
    Line& line = lines.emplace_back();
    line.number = lines.size();
    const std::size_t end = text.find('\n');
    std::string wrong = end == std::string_view::npos ? "it is cut short" : read_line(text.substr(0, end), line);
    if (!wrong.empty()) {
      line.at.reset();
      line.event = Unreadable{std::move(wrong)};
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace trun::allocation
