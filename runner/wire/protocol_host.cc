// The frames between engine and plugin host.
#include <string>

#include "runner/wire/frame.h"
#include "runner/wire/frame_writer.h"
#include "runner/wire/json_fields.h"
#include "runner/wire/protocol.h"

namespace trun {

using wire::Fields;
using wire::FrameKind;
using wire::FrameWriter;
using wire::to_json;
namespace json = wire::json;

namespace {

void host_ready(Fields& fields, FromHost& into) {
  auto& frame = into.emplace<HostReady>();
  fields.required("inputs", frame.inputs);
  fields.required("crashes", frame.crashes);
  fields.required("reports", frame.reports);
  fields.required("scheduler", frame.scheduler);
  fields.required("env", frame.env);
  fields.required("xmlpath", frame.xmlpath);
  fields.required("properties", frame.properties);
  if (fields.has("options")) fields.nested("options", frame.options.emplace(), wire::read_options);
  // The reading of a vector takes any number of entries.
  if (frame.scheduler.size() != 2) fields.complain_of("scheduler", "is not kind and name");
}

void read_process(Fields& fields, Slot& slot, int& attempt) {
  int number = 0;
  fields.required("slot", number);
  fields.required("attempt", attempt);
  slot = static_cast<Slot>(number);
}

void host_node(Fields& fields, FromHost& into) {
  auto& frame = into.emplace<HostNode>();
  read_process(fields, frame.slot, frame.attempt);
  fields.required("input", frame.input);
}

void host_crashed(Fields& fields, FromHost& into) {
  auto& frame = into.emplace<HostCrashed>();
  read_process(fields, frame.slot, frame.attempt);
  fields.required("again", frame.again);
  fields.required("status", frame.status);
  if (frame.status.size() != 3) fields.complain_of("status", "is not category, letter and word");
}

void host_scopes(Fields& fields, FromHost& into) { fields.required("scopes", into.emplace<HostScopes>().scopes); }

void host_ending(Fields&, FromHost& into) { into.emplace<HostEnding>(); }

void host_internal_error(Fields& fields, FromHost& into) {
  auto& frame = into.emplace<InternalError>();
  fields.required("reason", frame.reason);
  fields.required("where", frame.where);
  fields.required("traceback", frame.traceback);
}

void host_done(Fields& fields, FromHost& into) {
  auto& frame = into.emplace<HostDone>();
  fields.required("exit", frame.exit);
  fields.required("summary", frame.summary);
  fields.required("parts", frame.parts);
  fields.required("reason", frame.reason);
}

constexpr FrameKind<FromHost> kFromHost[] = {{"ready", host_ready},     {"node", host_node},
                                             {"crashed", host_crashed}, {"scopes", host_scopes},
                                             {"ending", host_ending},   {"internal_error", host_internal_error},
                                             {"done", host_done}};

FrameWriter about(std::string_view type, const HostedProcess& process) {
  FrameWriter writer(type);
  writer.put("slot", process.slot).put("attempt", process.attempt);
  return writer;
}

}  // namespace

Result<FromHost> decode_from_host(std::string_view payload) { return wire::decode(payload, kFromHost); }

std::string encode(const HostStart& frame) {
  return FrameWriter("start")
      .put("engine_pid", frame.engine_pid)
      .put("stacks_signal", frame.stacks_signal)
      .put("workers", to_json(frame.workers))
      .put("testrunuid", to_json(frame.testrunuid))
      .put("dist", to_json(frame.dist))
      .put("columns", frame.columns)
      .put("xmlpath", to_json(frame.xmlpath))
      .put("color", frame.color)
      .frame();
}

std::string encode(const HostedProcess& node) { return about("node", node).frame(); }

std::string encode(const HostRelay& frame) {
  return about(frame.kind, frame.node).put("text", to_json(frame.text)).frame();
}

std::string encode_host_ids(std::string_view type, const std::vector<NodeId>& ids) {
  std::string frames;
  std::vector<NodeId> part;
  std::size_t bytes = 0;
  // A frame may hold 256 MiB at most, and a suite may have more node ids than that.
  for (const NodeId& id : ids) {
    part.push_back(id);
    bytes += id.size();
    // The other fields of a part are few bytes: the sum of the ids is close enough to its size.
    if (bytes < kPartBytes) continue;
    frames += FrameWriter(type).put("ids", to_json(part)).put("more", true).frame();
    part.clear();
    bytes = 0;
  }
  // The last part is always there, empty or not: `more` false in it ends the list.
  return frames + FrameWriter(type).put("ids", to_json(part)).put("more", false).frame();
}

std::string encode(const std::vector<HostTest>& tests) {
  json::array list;
  list.reserve(tests.size());
  for (const HostTest& test : tests) {
    // By place and without names: there is one for each test of the run.
    list.push_back(json::array{test.item, test.slot, test.started.time_since_epoch().count(), test.setup.count(),
                               test.call.count(), test.teardown.count(), to_json(test.said)});
  }
  return FrameWriter("tests").put("tests", std::move(list)).frame();
}

std::string encode(const HostDown& frame) {
  return about("down", frame.node).put("output", to_json(frame.output)).put("error", to_json(frame.error)).frame();
}

std::string encode(const HostCrash& frame) {
  return about("crash", frame.node)
      .put("nodeid", to_json(frame.test))
      .put("text", to_json(frame.text))
      // A worker that died has said nothing at the end of its session.
      .put("output", "")
      .put("error", to_json(frame.error))
      .frame();
}

std::string encode(const HostFailed& frame) {
  return FrameWriter("failed")
      .put("slot", frame.slot)
      .put("nodeid", to_json(frame.test))
      .put("text", to_json(frame.text))
      .frame();
}

std::string encode(const HostEnd& frame) {
  return FrameWriter("end")
      .put("exit", frame.exit)
      .put("stopped", frame.stopped)
      .put("reason", to_json(frame.reason))
      .frame();
}

}  // namespace trun
