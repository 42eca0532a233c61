// The frames between engine and worker.
#include <algorithm>
#include <array>
#include <string>

#include "runner/wire/frame_writer.h"
#include "runner/wire/json_fields.h"
#include "runner/wire/protocol.h"

namespace trun {

using wire::Fields;
using wire::FrameKind;
using wire::FrameWriter;
using wire::to_json;
namespace json = wire::json;

/// [nodeid, line, group]. Found by the reading of arrays, so not hidden in a namespace without a name.
bool read(const json::value& value, CollectedItem& item) {
  return wire::read_tuple(value, item.node_id, item.line, item.group);
}

bool read(const json::value& value, ResourceDemand& demand) {
  std::string text;
  if (!wire::read(value, text)) return false;
  const auto parsed = parse_demand(text);
  if (parsed) demand = *parsed;
  return parsed.has_value();
}

bool read(const json::value& value, Isolation& isolation) {
  std::string text;
  if (!wire::read(value, text)) return false;
  const auto parsed = parse_isolation(text);
  if (parsed) isolation = *parsed;
  return parsed.has_value();
}

/// [isolate, resources, serial, services].
bool read(const json::value& value, TestDemands& demands) {
  return wire::read_tuple(value, demands.isolate, demands.resources, demands.serial, demands.services);
}

namespace {

/// [path, line, text], as crashes and skips have it.
struct Place {
  std::string path;
  int line = 0;
  std::string text;
};

bool read(const json::value& value, Place& place) {
  return wire::read_tuple(value, place.path, place.line, place.text);
}

void read_report(Fields& fields, PhaseReport& report) {
  // Fields that say nothing are left out by the worker: most reports have few of them (docs/protocol.md).
  fields.required("when", report.when);
  fields.required("outcome", report.outcome);
  fields.maybe("category", report.category);
  fields.maybe("letter", report.letter);
  fields.maybe("word", report.word);
  fields.maybe("duration", report.duration);
  fields.maybe("longrepr", report.longrepr);
  fields.maybe("longrepr_color", report.longrepr_color);
  fields.maybe("text", report.longrepr_is_text);
  fields.maybe("head_line", report.head_line);
  // A field that is missing leaves the empty path, which stands for "none" in PhaseReport.
  Place crash, skip;
  fields.maybe("crash", crash);
  report.crash_path = std::move(crash.path);
  report.crash_line = crash.line;
  report.crash_message = std::move(crash.text);
  fields.maybe("exception", report.exception_type);
  fields.maybe("skip", skip);
  report.skip_path = std::move(skip.path);
  report.skip_line = skip.line;
  report.skip_reason = std::move(skip.text);
  fields.maybe("by_mark", report.skip_by_mark);
  fields.maybe("wasxfail", report.wasxfail);
  fields.maybe("sections", report.sections);
  fields.maybe("properties", report.user_properties);
  fields.maybe("attributes", report.xml_attributes);
  fields.maybe("subtest", report.subtest);
}

void read_collect_report(Fields& fields, event::CollectReport& report) {
  fields.required("nodeid", report.node_id);
  fields.nested("report", report.report, read_report);
}

void ready(Fields& fields, FromWorker& into) {
  auto& frame = into.emplace<ReadyFrame>();
  fields.each("hooks", frame.hooks, wire::read_hook);
  fields.required("against_sharded", frame.against_sharded);
  fields.maybe("info", frame.info);
}

void relay(Fields& fields, FromWorker& into) { fields.required("text", into.emplace<RelayFrame>().text); }

void collecting(Fields& fields, FromWorker& into) {
  auto& frame = into.emplace<CollectingFrame>();
  fields.required("path", frame.path);
  fields.required("file", frame.file);
}

/// What grows with the suite.
void read_collected(Fields& fields, CollectedLists& frame) {
  fields.required("items", frame.items);
  fields.each("reports", frame.reports, read_collect_report);
  fields.maybe("timeouts", frame.timeouts);
  fields.maybe("demands", frame.demands);
  fields.maybe("marks", frame.marks);
}

void collected_part(Fields& fields, FromWorker& into) { read_collected(fields, into.emplace<CollectedPart>().part); }

void collected(Fields& fields, FromWorker& into) {
  auto& frame = into.emplace<Collected>();
  read_collected(fields, frame);
  fields.required("deselected", frame.deselected);
  fields.required("testsfailed", frame.testsfailed);
  fields.required("stopped", frame.stopped);
  fields.maybe("ended", frame.ended);
  fields.maybe("exit", frame.exit);
  fields.maybe("bound", frame.bound);
  fields.maybe("bound_again", frame.bound_again);
  fields.required("lane", frame.lane);
  fields.maybe("fast", frame.fast);
  fields.required("against_sharded", frame.against_sharded);
  fields.maybe("default_timeout", frame.default_timeout);
}

void need(Fields& fields, FromWorker& into) {
  auto& frame = into.emplace<NeedFrame>();
  fields.required("ordinal", frame.ordinal);
}

void result(Fields& fields, FromWorker& into) {
  auto& frame = into.emplace<ResultFrame>();
  fields.required("ordinal", frame.ordinal);
  fields.required("nodeid", frame.node_id);
  fields.maybe("silent", frame.silent);
  fields.each("reports", frame.result.reports, read_report);
  TestRemarks remarks;
  fields.maybe("leaks", remarks.leaks);
  // Packed by the worker for the plugin host, and passed on unread.
  fields.maybe("host", remarks.for_host);
  if (!remarks.leaks.empty() || !remarks.for_host.empty()) frame.result.remarks.make() = std::move(remarks);
  fields.required("started", frame.result.started);
  fields.required("setup", frame.result.setup);
  fields.required("call", frame.result.call);
  fields.required("teardown", frame.result.teardown);
  // The outcome is not on the wire: it follows from the reports, as pytest counts them.
  frame.result.outcome = outcome_of(frame.result.reports);
  // Without any report outcome_of() would say that it passed.
  if (frame.silent) frame.result.outcome = outcome::NotRun{"a plugin ran it and reported nothing"};
}

void warning(Fields& fields, FromWorker& into) {
  auto& frame = into.emplace<WarningFrame>();
  fields.required("when", frame.warning.when);
  fields.required("nodeid", frame.warning.node_id);
  fields.required("text", frame.warning.text);
  fields.required("category", frame.warning.category);
  fields.required("filename", frame.warning.filename);
  fields.required("line", frame.warning.line);
}

void suite_property(Fields& fields, FromWorker& into) {
  auto& frame = into.emplace<SuitePropertyFrame>();
  fields.required("name", frame.property.name);
  fields.required("value", frame.property.value);
}

void stopped(Fields& fields, FromWorker& into) {
  constexpr std::array<std::string_view, 4> kKinds = {"exit", "interrupted", "failed", "internal"};
  auto& frame = into.emplace<StoppedFrame>();
  std::string kind;
  fields.required("kind", kind);
  const auto found = std::find(kKinds.begin(), kKinds.end(), kind);
  if (found == kKinds.end()) fields.complain_of("kind", "is none of exit, interrupted, failed, internal");
  // In the order of the enumeration. Where it was not found the complaint above refuses the frame, whatever this is.
  frame.kind = static_cast<StoppedFrame::Kind>(found - kKinds.begin());
  fields.required("reason", frame.reason);
  fields.required("exit", frame.exit);
  fields.maybe("where", frame.where);
  fields.maybe("traceback", frame.traceback);
}

void gave_back(Fields& fields, FromWorker& into) {
  using Cause = event::WorkerRecycled::Cause;
  auto& frame = into.emplace<GaveBackFrame>();
  std::string cause;
  fields.required("ordinal", frame.ordinal);
  fields.required("cause", cause);
  fields.required("detail", frame.detail);
  if (cause != "memory" && cause != "leak") fields.complain_of("cause", "is none of memory, leak");
  frame.cause = cause == "leak" ? Cause::leak : Cause::memory;
}

void question(Fields& fields, FromWorker& into) {
  auto& frame = into.emplace<Question>();
  fields.required("id", frame.id);
  fields.required("name", frame.name);
  fields.required_text("args", frame.args);
}

void done(Fields& fields, FromWorker& into) {
  auto& frame = into.emplace<DoneFrame>();
  fields.required("exit", frame.end.code);
  fields.maybe("raised", frame.end.raised);
  fields.required("workeroutput", frame.workeroutput);
  fields.required("written", frame.written);
  fields.maybe("threads", frame.threads);
  fields.maybe("handlers", frame.handlers);
  fields.maybe("standard", frame.standard);
}

void forked(Fields& fields, FromWorker& into) { wire::read_forked(fields, into.emplace<Forked>()); }

void fork_failed(Fields& fields, FromWorker& into) { wire::read_fork_failed(fields, into.emplace<ForkFailed>()); }

// Searched from the front: what each test may send stands first.
constexpr FrameKind<FromWorker> kFromWorker[] = {{"result", result},
                                                 {"need", need},
                                                 {"warning", warning},
                                                 {"ready", ready},
                                                 {"collected", collected},
                                                 {"collected_part", collected_part},
                                                 {"suite_property", suite_property},
                                                 {"stopped", stopped},
                                                 {"question", question},
                                                 {"done", done},
                                                 {"gave_back", gave_back},
                                                 {"collecting", collecting},
                                                 {"relay", relay},
                                                 {"forked", forked},
                                                 {"fork_failed", fork_failed}};

json::value imports_to_json(const std::vector<OthersImport>& imports) {
  json::array all;
  for (const OthersImport& file : imports) {
    // null: the file itself is imported (docs/protocol.md, `imports`).
    json::value modules = nullptr;
    if (file.modules) {
      json::array& list = modules.emplace_array();
      for (const ModuleImport& each : *file.modules)
        list.push_back(json::array{to_json(each.module), to_json(each.names), each.optional});
    }
    json::array assumes;
    for (const ImportAssumption& each : file.assumes)
      assumes.push_back(json::array{to_json(each.kind), to_json(each.name)});
    all.push_back(json::array{to_json(file.path), std::move(modules), std::move(assumes)});
  }
  return all;
}

json::value shard_to_json(const std::optional<Shard>& shard) {
  if (!shard) return nullptr;
  return {{"owner", to_json(shard->owner)},
          {"count", shard->count},
          {"only", to_json(shard->only)},
          {"imports", imports_to_json(shard->imports)}};
}

json::array changes_to_json(const std::vector<EnvironmentChange>& changes) {
  json::array list;
  for (const auto& [name, value] : changes) list.push_back({to_json(name), to_json(value)});
  return list;
}

}  // namespace

Result<FromWorker> decode_from_worker(std::string_view payload) { return wire::decode(payload, kFromWorker); }

std::string encode(const Start& frame) {
  return FrameWriter("start")
      .put("engine_pid", frame.engine_pid)
      .put("slot", frame.slot)
      .put("worker_id", to_json(frame.worker_id))
      .put("worker_count", frame.worker_count)
      .put("testrunuid", to_json(frame.testrunuid))
      .put("workerinput", frame.workerinput)
      .put("attached", frame.attached)
      .put("fresh", frame.fresh)
      .put("observe", frame.observe)
      .put("role", to_json(frame.role))
      .put("terminal", to_json(frame.terminal))
      .put("lane", to_json(frame.lane))
      .put("collect", to_json(frame.collect))
      .put("shard", shard_to_json(frame.shard))
      .put("env", to_json(frame.env))
      .put("attempt", frame.attempt)
      .put("columns", frame.columns)
      .put("color", frame.color)
      .put("maxfail", frame.maxfail)
      .put("basetemp", to_json(frame.basetemp))
      .put("host", frame.host)
      .put("config_map", to_json(frame.config_map))
      // As the server has said it (Configured::worker_input).
      .put_text("worker_input", frame.worker_input)
      .put("inherited", changes_to_json(frame.inherited))
      .put("want", {{"location", frame.want_location},
                    {"xfail_text", frame.want_xfail_text},
                    {"group", frame.want_group},
                    {"xml", frame.want_xml},
                    {"host", frame.want_host},
                    {"items", frame.want_items},
                    {"marks", to_json(frame.want_marks)}})
      .put("failed_before", frame.failed_before)
      .put("address_space", frame.address_space)
      .put("stacks_signal", frame.stacks_signal)
      .put("broken", to_json(frame.broken))
      .put("leaks", to_json(frame.leaks))
      .put("separation", {{"network", to_json(frame.network)},
                          {"tmpdir", frame.private_tmpdir},
                          {"home", frame.private_home},
                          {"once", to_json(frame.once)}})
      .put("xmlpath", to_json(frame.xmlpath))
      .put("section_limit", frame.section_limit)
      .put("worn", {{"memory", frame.worn_memory}, {"leaks", to_json(frame.worn_leaks)}})
      .put("left_out", to_json(frame.left_out))
      .frame();
}

std::string encode(const Assign& frame) {
  FrameWriter writer("assign");
  writer.put("items", to_json(frame.items))
      .put("low", frame.low)
      .put("end", frame.end)
      // Made as JSON text by the run phase: its names are the user's.
      .put_text("leases", frame.leases)
      .put_text("deadlines", frame.deadlines)
      .put("services", to_json(frame.services))
      .put("attempt", frame.attempt);
  // Only few frames have it: it is left out, not null (docs/protocol.md).
  if (frame.next) writer.put("next", to_json(*frame.next));
  if (!frame.repeats.empty()) {
    json::array repeats;
    for (const auto& [place, before] : frame.repeats) repeats.push_back({place, before});
    writer.put("repeats", repeats);
  }
  return writer.frame();
}

std::string encode(const Answer& frame) {
  return FrameWriter("answer")
      .put("id", frame.id)
      .put_text("value", frame.value)
      .put("error", to_json(frame.error))
      .put("fds", frame.fds)
      .frame();
}

std::string encode(const Finish&) { return FrameWriter("finish").frame(); }

}  // namespace trun
