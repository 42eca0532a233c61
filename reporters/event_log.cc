#include "reporters/event_log.h"

#include <algorithm>
#include <optional>

#include "reporters/json_text.h"

namespace trun {
namespace {

// In bytes.
constexpr std::size_t kGather = 64 * 1024;

void append_texts(std::string& out, const std::vector<std::string>& texts) {
  append_json_array(out, texts, [&](const std::string& text) { append_json_string(out, text); });
}

void append_pairs(std::string& out, const std::vector<std::pair<std::string, std::string>>& pairs) {
  append_json_array(out, pairs, [&](const auto& pair) {
    out += '[';
    append_json_string(out, pair.first);
    out += ", ";
    append_json_string(out, pair.second);
    out += ']';
  });
}

void append_place(std::string& out, std::string_view path, int line, std::string_view name, std::string_view text) {
  JsonObject place(out);
  place.add("path", path);
  place.add("line", line);
  place.add(name, text);
}

void append_report(std::string& out, const PhaseReport& report) {
  JsonObject object(out);
  object.add("when", report.when);
  object.add("outcome", report.outcome);
  object.add_if("category", report.category);
  object.add_if("letter", report.letter);
  object.add_if("word", report.word);
  object.add_seconds("duration", report.duration);
  object.add_if("longrepr", report.longrepr);
  object.add_if("head_line", report.head_line);
  if (!report.crash_path.empty() || !report.crash_message.empty()) {
    append_place(object.key("crash"), report.crash_path, report.crash_line, "message", report.crash_message);
  }
  object.add_if("exception_type", report.exception_type);
  if (!report.skip_path.empty() || !report.skip_reason.empty()) {
    append_place(object.key("skip"), report.skip_path, report.skip_line, "reason", report.skip_reason);
  }
  if (report.wasxfail) object.add("wasxfail", *report.wasxfail);
  if (!report.sections.empty()) append_pairs(object.key("sections"), report.sections);
  if (!report.user_properties.empty()) append_pairs(object.key("properties"), report.user_properties);
  object.add_if("subtest", report.subtest);
}

// Only some of the events have a time of their own. The others get that of the last one that had (EventContext::now).
struct TimeOf {
  template <typename Event>
  std::optional<TimePoint> operator()(const Event& e) const {
    if constexpr (requires { e.at; }) return e.at;
    return std::nullopt;
  }
};

/// The members of each event's object behind "event" and "at".
struct Members {
  JsonObject& out;
  const EventContext& context;

  void operator()(const event::RunStarted& e) const {
    out.add("run_id", e.run_id);
    out.add("unix_ms", e.unix_ms);
    out.add("rootdir", e.rootdir);
    out.add("workers", e.workers);
    out.add("collect", e.collect);
    out.add("lane", e.lane);
    if (!e.header.empty()) append_texts(out.key("header"), e.header);
    if (!e.resources.empty()) {
      std::string& text = out.key("resources");
      append_json_array(text, e.resources, [&](const auto& resource) {
        text += '[';
        append_json_string(text, resource.first);
        text += ", " + std::to_string(resource.second) + "]";
      });
    }
    if (!e.why.empty()) append_texts(out.key("why"), e.why);
  }

  void operator()(const event::CollectionFinished& e) const {
    std::string& text = out.key("items");
    // The fold has moved the collection out of the event by now (RunLog::fold). Where no log folds, in tests, the event
    // still has it.
    const Collection& found = context.collection ? *context.collection : e.collection;
    append_json_array(text, found.items, [&](const TestItem& item) { append_json_string(text, item.id); });
    out.key("files");
    append_json_array(text, found.files, [&](const TestFile& file) { append_json_string(text, file.path); });
    out.add("deselected", static_cast<long long>(found.deselected));
    out.key("reports");
    append_json_array(text, e.reports, [&](const event::CollectReport& collected) {
      JsonObject object(text);
      object.add("nodeid", collected.node_id);
      append_report(object.key("report"), collected.report);
    });
    add_demands(found.items);
  }

  void operator()(const event::TestFinished& e) const {
    const TestResult& result = e.result;
    // An index without a collection gives an empty name instead of a read beyond the end.
    const bool is_known = context.collection && result.item < context.collection->items.size();
    out.add("nodeid", is_known ? std::string_view(context.collection->items[result.item].id) : std::string_view());
    out.add("outcome", outcome_name(result.outcome));
    out.add_if("reason", outcome_reason(result.outcome));
    out.add("worker", worker_name(result.slot));
    out.add("attempt", result.attempt);
    // A test that never began has no start.
    if (result.started != TimePoint()) out.add_seconds("started", result.started - context.start);
    add_durations(result);
    if (!result.reports.empty()) {
      std::string& text = out.key("reports");
      append_json_array(text, result.reports, [&](const PhaseReport& report) { append_report(text, report); });
    }
    const TestRemarks& remarks = *result.remarks;
    out.add_if("last_words", remarks.last_words);
    if (!remarks.leaks.empty()) {
      std::string& leaks = out.key("leaks");
      append_json_array(leaks, remarks.leaks, [&](const auto& leak) {
        JsonObject object(leaks);
        object.add("kind", leak.first);
        object.add("what", leak.second);
      });
    }
    for (const auto& [title, text] : remarks.evidence) out.add_if(title, text);
  }

  void operator()(const event::WorkerStarted& e) const {
    out.add("worker", worker_name(e.slot));
    out.add("pid", e.pid);
  }

  void operator()(const event::WorkerExited& e) const {
    out.add("worker", worker_name(e.slot));
    out.add("pid", e.pid);
    out.add("how", e.how);
    out.add("peak_rss", static_cast<long long>(e.peak_rss));
    out.add_seconds("cpu", e.cpu);
  }

  void operator()(const event::WorkerRecycled& e) const {
    out.add("worker", worker_name(e.slot));
    out.add("cause", recycle_cause_name(e.cause));
    out.add_if("detail", e.detail);
  }

  void operator()(const event::WarningRecorded& e) const {
    out.add("when", e.when);
    out.add_if("nodeid", e.node_id);
    out.add("text", e.text);
    out.add_if("category", e.category);
    out.add_if("filename", e.filename);
    if (e.line > 0) out.add("line", e.line);
  }

  void operator()(const event::OutputLine& e) const {
    if (e.slot) out.add("worker", worker_name(*e.slot));
    out.add("stream", e.stream == event::OutputLine::Stream::out ? "out" : "err");
    out.add("line", e.line);
  }

  void operator()(const event::Notice& e) const {
    constexpr const char* kLevels[] = {"detail", "info", "warning", "error"};
    out.add("level", kLevels[static_cast<int>(e.level)]);
    out.add("text", e.text);
  }

  void operator()(const event::PluginSummary& e) const { out.add("text", e.text); }

  void operator()(const event::SuiteProperty& e) const {
    out.add("name", e.name);
    out.add("value", e.value);
  }

  void operator()(const event::ResourcesTaken& e) const {
    out.add("hold", static_cast<long long>(e.hold));
    out.add("worker", worker_name(e.slot));
    const bool is_known = context.collection && e.item < context.collection->items.size();
    out.add("nodeid", is_known ? std::string_view(context.collection->items[e.item].id) : std::string_view());
    std::string& text = out.key("resources");
    // `tests/allocations` judges taking and release by these members alone, without the scheduler.
    append_json_array(text, e.resources, [&](const event::HeldResource& held) {
      JsonObject object(text);
      object.add("name", held.name);
      object.add("amount", static_cast<long long>(held.units.size()));
      if (held.shared) object.add_true("shared");
      std::string& units = object.key("units");
      append_json_array(units, held.units, [&](unsigned unit) { units += std::to_string(unit); });
      object.add("capacity", held.capacity);
    });
    if (e.serial) out.add_true("serial");
  }

  void operator()(const event::ResourcesReleased& e) const {
    out.add("hold", static_cast<long long>(e.hold));
    out.add("worker", worker_name(e.slot));
  }

  void operator()(const event::RunStopped& e) const { out.add("reason", e.reason); }

  void operator()(const event::CleanupFinished& e) const {
    out.add("reason", e.reason);
    out.add_seconds("took", e.took);
    std::string& text = out.key("steps");
    append_json_array(text, e.steps, [&](const event::CleanupFinished::Step& step) {
      JsonObject each(text);
      each.add("phase", step.phase);
      each.add("name", step.name);
      each.add("how", step.how);
      each.add_seconds("started", step.at);
      each.add_seconds("took", step.took);
      each.add_if("error", step.error);
    });
  }

  void operator()(const event::RunFinished& e) const {
    const event::RunFigures& figures = e.figures;
    out.add("exit_code", e.exit_code);
    out.add_seconds("wall", figures.wall);
    out.add_seconds("startup", figures.startup);
    out.add_seconds("collection", figures.collection);
    out.add_seconds("scheduling_idle", figures.scheduling_idle);
    out.add_seconds("setup", figures.setup);
    out.add_seconds("call", figures.call);
    out.add_seconds("teardown", figures.teardown);
    JsonObject shares(out.key("utilisation"));
    for (const auto& [slot, share] : figures.utilisation) shares.add_fraction(worker_name(slot), share);
  }

  // Progress says what is at work at the moment; nothing of it is needed later.
  void operator()(const event::Progress&) const {}

 private:
  // Only tests that demand something: of a million tests mostly none does.
  void add_demands(const std::vector<TestItem>& items) const {
    std::vector<const TestItem*> demanding;
    for (const TestItem& item : items) {
      if (!item.demands.resources.empty() || item.demands.serial) demanding.push_back(&item);
    }
    if (demanding.empty()) return;
    std::string& text = out.key("demands");
    append_json_array(text, demanding, [&](const TestItem* item) {
      JsonObject object(text);
      object.add("nodeid", item->id);
      std::vector<std::string> resources;
      for (const ResourceDemand& demand : item->demands.resources) resources.push_back(demand_text(demand));
      append_texts(object.key("resources"), resources);
      if (item->demands.serial) object.add_true("serial");
    });
  }

  void add_durations(const TestResult& result) const {
    JsonObject durations(out.key("durations"));
    durations.add_seconds("setup", result.setup);
    durations.add_seconds("call", result.call);
    durations.add_seconds("teardown", result.teardown);
  }
};

// By index in RunEvent.
constexpr std::string_view kNames[] = {"run_started",
                                       "collection_finished",
                                       "test_finished",
                                       "worker_started",
                                       "worker_exited",
                                       "worker_recycled",
                                       "warning",
                                       "output",
                                       "notice",
                                       "plugin_summary",
                                       "suite_property",
                                       "resources_taken",
                                       "resources_released",
                                       "progress",
                                       "run_stopped",
                                       "cleanup",
                                       "run_finished"};
static_assert(std::size(kNames) == std::variant_size_v<RunEvent>);

// Only the lines of these events may wait in memory. Every other event is written at once.
bool is_plain_pass(const RunEvent& event) {
  const auto* test = std::get_if<event::TestFinished>(&event);
  return test && test->result.reports.empty() && !is_bad(test->result.outcome);
}

}  // namespace

std::string event_json(const RunEvent& event, const EventContext& context) {
  std::string line;
  append_event_json(line, event, context);
  return line;
}

void append_event_json(std::string& out, const RunEvent& event, const EventContext& context) {
  if (std::holds_alternative<event::Progress>(event)) return;
  {
    // Its destructor writes the closing brace, so it must go before the line ends.
    JsonObject object(out);
    object.add("event", kNames[event.index()]);
    object.add_seconds("at", context.now - context.start);
    std::visit(Members{object, context}, event);
  }
  out += '\n';
}

Status EventLog::on_event(const RunEvent& event, const RunLog& log) {
  if (const auto* started = std::get_if<event::RunStarted>(&event)) context_.start = started->at;
  context_.collection = &log.collection;
  // Progress carries the time at which it began to be gathered, and later events may have been told since. Times in the
  // log must not go back.
  const bool is_old = std::holds_alternative<event::Progress>(event);
  if (const auto at = std::visit(TimeOf{}, event)) context_.now = is_old ? std::max(context_.now, *at) : *at;
  append_event_json(pending_, event, context_);
  // Progress itself gives no line but writes what waits. It comes a few times a second, so a log that a kill cuts short
  // lacks no more than that.
  if (pending_.empty() || (is_plain_pass(event) && pending_.size() < kGather)) return ok_status();
  return sink_(std::exchange(pending_, {}));
}

}  // namespace trun
