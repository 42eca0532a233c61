// The frames between engine and fork server.
#include <string>

#include "runner/wire/frame.h"
#include "runner/wire/frame_writer.h"
#include "runner/wire/json_fields.h"
#include "runner/wire/protocol.h"
#include "runner/wire/wire_text.h"

namespace trun {

using wire::Fields;
using wire::FrameKind;
using wire::FrameWriter;
using wire::to_json;
namespace json = wire::json;

namespace {

void read_ini(Fields& fields, IniValues& ini) {
  fields.required("python_files", ini.python_files);
  fields.required("norecursedirs", ini.norecursedirs);
  fields.required("python_functions", ini.python_functions);
  fields.required("python_classes", ini.python_classes);
  fields.required("junit_suite_name", ini.junit_suite_name);
  fields.required("junit_family", ini.junit_family);
  fields.required("junit_logging", ini.junit_logging);
  fields.required("junit_duration_report", ini.junit_duration_report);
  fields.required("junit_log_passing_tests", ini.junit_log_passing_tests);
  fields.required("cache_dir", ini.cache_dir);
  fields.required("console_output_style", ini.console_output_style);
}

void configured(Fields& fields, FromServer& into) {
  auto& frame = into.emplace<Configured>();
  fields.required("version", frame.version);
  fields.required("pytest", frame.pytest);
  fields.required("python", frame.python);
  fields.required("executable", frame.executable);
  fields.required("header", frame.header);
  fields.required("rootdir", frame.rootdir);
  fields.required("inipath", frame.inipath);
  fields.required("invocation_dir", frame.invocation_dir);
  fields.required("args", frame.args);
  fields.required("args_source", frame.args_source);
  fields.required("xdist", frame.xdist);
  fields.required("auto_workers", frame.auto_workers);
  fields.nested("ini", frame.ini, read_ini);
  fields.nested("options", frame.options, wire::read_options);
  fields.each("hooks", frame.hooks, wire::read_hook);
  fields.required("conftests", frame.conftests);
  fields.required("against_sharded", frame.against_sharded);
  fields.required("against_once", frame.against_once);
  fields.required("against_fast_lane", frame.against_fast_lane);
  fields.required("solo", frame.solo);
  fields.maybe("host", frame.host);
  fields.maybe("names_junit", frame.names_junit);
  fields.maybe("names_workers", frame.names_workers);
  fields.required("twin", frame.twin);
  fields.required("imports", frame.imports);
  fields.required("bound", frame.bound);
  fields.required("bound_plugins", frame.bound_plugins);
  // As text: it is passed on to fresh workers, and the engine does not look into it.
  fields.required_text("worker_input", frame.worker_input);
  fields.maybe("environment", frame.environment);
  fields.maybe("own_variables", frame.own_variables);
  fields.maybe("all_variables", frame.all_variables);
  fields.required("timeout_plugin", frame.timeout_plugin);
  fields.required("markers", frame.markers);
  fields.maybe("durations", frame.durations);
  fields.maybe("bound_before", frame.bound_before);
  for (auto& [path, what] : frame.bound_before) path = path_of(path);
  // These are opened as files, so they need the bytes of the names. Node ids stay as they crossed: they are compared as
  // text.
  frame.rootdir = path_of(frame.rootdir);
  frame.invocation_dir = path_of(frame.invocation_dir);
  for (auto* paths : {&frame.args, &frame.options.ignore, &frame.options.ignore_glob}) {
    for (std::string& path : *paths) path = path_of(path);
  }
}

void usage(Fields& fields, FromServer& into) {
  auto& frame = into.emplace<Usage>();
  fields.required("exit", frame.exit);
  fields.maybe("no_pytest", frame.no_pytest);
}

void forked(Fields& fields, FromServer& into) { wire::read_forked(fields, into.emplace<Forked>()); }

void fork_failed(Fields& fields, FromServer& into) { wire::read_fork_failed(fields, into.emplace<ForkFailed>()); }

void cache_saved(Fields& fields, FromServer& into) {
  auto& frame = into.emplace<CacheSaved>();
  fields.required("error", frame.error);
}

void basetemp(Fields& fields, FromServer& into) { fields.required("path", into.emplace<Basetemp>().path); }

constexpr FrameKind<FromServer> kFromServer[] = {{"configured", configured},   {"usage", usage},
                                                 {"forked", forked},           {"fork_failed", fork_failed},
                                                 {"cache_saved", cache_saved}, {"basetemp", basetemp}};

}  // namespace

Result<FromServer> decode_from_server(std::string_view payload) { return wire::decode(payload, kFromServer); }

std::string encode(const Hello& frame) {
  return FrameWriter("hello")
      .put("version", kProtocolVersion)
      .put("args", to_json(frame.args))
      .put("argv", to_json(frame.argv))
      // null: whether there are to be workers is left to pytest's addopts, which only the server reads.
      .put("workers", frame.workers ? json::value(*frame.workers) : json::value(nullptr))
      .put("columns", frame.columns)
      .put("color", frame.color)
      .put("cwd", to_json(frame.cwd))
      .put("import_cwd", frame.import_cwd)
      .put("role", frame.role == Hello::Role::server ? "server" : "worker")
      .put("observe", frame.observe)
      .put("twin", frame.twin)
      .put("per_worker", to_json(frame.per_worker))
      .put("timeout", frame.timeout ? json::value(seconds(*frame.timeout)) : json::value(nullptr))
      .frame();
}

std::string encode(const Fork& frame) {
  return FrameWriter("fork")
      .put("request", frame.request)
      .put("role", frame.role == Fork::Role::worker      ? "worker"
                   : frame.role == Fork::Role::collector ? "collector"
                                                         : "host")
      .put("fds", frame.fds)
      .put("basetemp", frame.basetemp)
      .put("in_place", frame.in_place)
      .frame();
}

/// In as many frames as it takes, each as text at once: a tree of a million ids would take many times as much. Small
/// ones: each is copied on its way.
std::string encode(const SaveCache& frame) {
  constexpr std::size_t kCachePartBytes = 256u << 10;
  std::string frames, results, collected, failed, durations, bound;
  const auto end_part = [&](bool more) {
    frames += encode_frame(R"({"t":"save_cache","results":{)" + results + R"(},"collected":[)" + collected +
                           R"(],"failed_collect":[)" + failed + R"(],"durations":{)" + durations + R"(},"bound":[)" +
                           bound + R"(],"more":)" + (more ? "true}" : "false}"));
    for (std::string* list : {&results, &collected, &failed, &durations, &bound}) list->clear();
  };
  // The lists of a part share one limit; the server takes all parts for one frame.
  const auto add = [&](std::string& list, std::string_view id) {
    // A little more than the limit is harmless: parts are far below the largest frame.
    const std::size_t size = results.size() + collected.size() + failed.size() + durations.size() + bound.size();
    if (size >= kCachePartBytes) end_part(true);
    // After end_part(): a list that begins anew has no comma.
    if (!list.empty()) list += ',';
    wire::append_json(list, id);
  };
  for (const auto& [id, word] : frame.results) {
    add(results, id);
    results += ':';
    wire::append_json(results, word);
  }
  for (const std::string_view id : frame.collected) add(collected, id);
  for (const std::string_view id : frame.failed_collect) add(failed, id);
  for (const auto& [file, took] : frame.durations) {
    add(durations, file);
    durations += ':' + json::serialize(json::value(took));
  }
  for (const auto& [path, sentence] : frame.bound) {
    if (!bound.empty()) bound += ',';
    bound += '[';
    wire::append_json(bound, path);
    bound += ',';
    wire::append_json(bound, sentence);
    bound += ']';
  }
  end_part(false);
  return frames;
}

std::string encode(const MakeBasetemp&) { return FrameWriter("make_basetemp").frame(); }

std::string encode(const Exit&) { return FrameWriter("exit").frame(); }

}  // namespace trun
