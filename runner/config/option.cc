#include "runner/config/option.h"

#include <algorithm>

#include "runner/config/option_value.h"
#include "runner/config/separation_config.h"
#include "runner/config/service_config.h"
#include "runner/config/toml_text.h"

namespace trun {
namespace {

/// Sets a member of Config by the parse() of its type.
template <auto Member>
Complaint set(Config& config, const ConfigValue& value) {
  return parse(value, config.*Member);
}

template <auto Member>
std::string show_member(const Config& config) {
  return show(config.*Member);
}

std::string show_nothing(const Config&) { return {}; }

Complaint set_categories(Config& config, const ConfigValue& value) {
  return parse_categories(value, config.categories);
}

Complaint set_overrides(Config& config, const ConfigValue& value) { return parse_overrides(value, config.overrides); }

Complaint set_modes(Config& config, const ConfigValue& value) {
  // Options that the command line has, but no tables; and a mode cannot name another mode.
  const auto is_setting = [](std::string_view key) {
    const Option* option = find_key(key);
    return option && !option->flags.empty() && key != "mode";
  };
  return parse_modes(value, is_setting, config.modes);
}

Complaint set_resources(Config& config, const ConfigValue& value) { return parse_resources(value, config.resources); }

// A pointer to member does not reach a member of a member, so these three pairs are written out.
Complaint set_network(Config& config, const ConfigValue& value) { return parse(value, config.separation.network); }
std::string show_network(const Config& config) { return show(config.separation.network); }

Complaint set_private_tmpdir(Config& config, const ConfigValue& value) {
  return parse(value, config.separation.private_tmpdir);
}
std::string show_private_tmpdir(const Config& config) { return show(config.separation.private_tmpdir); }

Complaint set_private_home(Config& config, const ConfigValue& value) {
  return parse(value, config.separation.private_home);
}
std::string show_private_home(const Config& config) { return show(config.separation.private_home); }

Complaint set_ports(Config& config, const ConfigValue& value) { return parse_ports(value, config.separation.ports); }

Complaint set_fixtures(Config& config, const ConfigValue& value) {
  return parse_fixtures(value, config.separation.once);
}

Complaint set_env(Config& config, const ConfigValue& value) { return parse_env(value, config.env); }

Complaint set_services(Config& config, const ConfigValue& value) { return parse_services(value, config.services); }

Complaint clear_loadscope_reorder(Config& config, const ConfigValue&) {
  config.loadscope_reorder = false;
  return {};
}

Complaint ask_pytest_for_help(Config& config, const ConfigValue&) {
  config.pytest_args.insert(config.pytest_args.begin(), "--help");
  return {};
}

std::vector<Option> make_options() {
  using enum Option::Kind;
  return {
      {"numprocesses",
       {"-n", "--numprocesses"},
       value,
       "N",
       "workers: a number, auto or logical; 0 runs as pytest alone does",
       set<&Config::numprocesses>,
       show_member<&Config::numprocesses>},
      {"dist",
       {"--dist"},
       value,
       "MODE",
       "load, loadfile, loadscope, loadgroup, worksteal or no: what stays on one worker",
       set<&Config::dist>,
       show_member<&Config::dist>},
      {"maxprocesses",
       {"--maxprocesses"},
       value,
       "N",
       "at most N workers, whatever -n says",
       set<&Config::maxprocesses>,
       show_member<&Config::maxprocesses>},
      {"max_worker_restart",
       {"--max-worker-restart"},
       value,
       "N",
       "replace at most N workers that died",
       set<&Config::max_worker_restart>,
       show_member<&Config::max_worker_restart>},
      {"maxschedchunk",
       {"--maxschedchunk"},
       value,
       "N",
       "give a worker at most N tests in one step, with --dist load",
       set<&Config::maxschedchunk>,
       show_member<&Config::maxschedchunk>},
      // Two rows have this key, each with a spelling of its own. find_key() gives the first, which sets and shows the
      // value of the file.
      {"loadscope_reorder",
       {"--loadscope-reorder"},
       flag,
       "",
       "hand out the largest files, scopes or groups first, with --dist loadfile and its like",
       set<&Config::loadscope_reorder>,
       show_member<&Config::loadscope_reorder>},
      {"loadscope_reorder",
       {"--no-loadscope-reorder"},
       flag,
       "",
       "hand them out in the order of the collection",
       clear_loadscope_reorder,
       show_member<&Config::loadscope_reorder>},
      {"testrunuid",
       {"--testrunuid"},
       value,
       "ID",
       "the id that the fixture testrun_uid has",
       set<&Config::testrunuid>,
       show_member<&Config::testrunuid>},
      {"collect",
       {"--collect"},
       value,
       "WAY",
       "auto, each, once or sharded: who collects the tests",
       set<&Config::collect>,
       show_member<&Config::collect>},
      {"lane",
       {"--lane"},
       value,
       "LANE",
       "auto, or standard: every test through all of pytest's hooks",
       set<&Config::lane>,
       show_member<&Config::lane>},
      {"start",
       {"--start"},
       value,
       "WAY",
       "auto, fresh or fork: whether workers import plugins' and the suite's modules themselves",
       set<&Config::start>,
       show_member<&Config::start>},
      {"timeout",
       {"--timeout"},
       value,
       "TIME",
       "a test may take so long, from set-up to teardown (1h); 0: no limit; pytest-timeout's, where it is active",
       set<&Config::timeout>,
       show_member<&Config::timeout>},
      {"slow",
       {"--slow"},
       value,
       "TIME",
       "say so each time a test has taken so long (60s); 0: never",
       set<&Config::slow>,
       show_member<&Config::slow>},
      {"collect_timeout",
       {"--collect-timeout"},
       value,
       "TIME",
       "the import and collection of one file may take so long (10min)",
       set<&Config::collect_timeout>,
       show_member<&Config::collect_timeout>},
      {"session_finish_timeout",
       {"--session-finish-timeout"},
       value,
       "TIME",
       "pytest_sessionfinish and pytest_unconfigure may take so long (10min)",
       set<&Config::session_finish_timeout>,
       show_member<&Config::session_finish_timeout>},
      {"shutdown_timeout",
       {"--shutdown-timeout"},
       value,
       "TIME",
       "threads, atexit handlers and the interpreter's exit may take so long (5s)",
       set<&Config::shutdown_timeout>,
       show_member<&Config::shutdown_timeout>},
      {"run_timeout",
       {"--run-timeout"},
       value,
       "TIME",
       "the whole run may take so long (no limit)",
       set<&Config::run_timeout>,
       show_member<&Config::run_timeout>},
      {"stall_limit",
       {"--stall-limit"},
       value,
       "TIME",
       "end the run when trun itself has stood still so long (60s); 0: never",
       set<&Config::stall_limit>,
       show_member<&Config::stall_limit>},
      {"grace",
       {"--grace"},
       value,
       "TIME",
       "from SIGTERM to SIGKILL for a test that is stopped (5s); 0: SIGKILL at once",
       set<&Config::grace>,
       show_member<&Config::grace>},
      {"isolate",
       {"--isolate"},
       value,
       "WHAT",
       "test or file: each starts in a process of its own, forked from the collected state (none)",
       set<&Config::isolate>,
       show_member<&Config::isolate>},
      {"max_tests_per_worker",
       {"--max-tests-per-worker"},
       value,
       "N",
       "replace a worker that has run so many tests; 0: never",
       set<&Config::max_tests_per_worker>,
       show_member<&Config::max_tests_per_worker>},
      {"worker_memory",
       {"--worker-memory"},
       value,
       "SIZE",
       "replace a worker that holds more memory between two tests (no limit)",
       set<&Config::worker_memory>,
       show_member<&Config::worker_memory>},
      {"section_limit",
       {"--section-limit"},
       value,
       "SIZE",
       "captured output and tracebacks: cut the middle out of longer ones (1MB); 0: never",
       set<&Config::section_limit>,
       show_member<&Config::section_limit>},
      {"test_memory",
       {"--test-memory"},
       value,
       "SIZE",
       "end a test when its worker and what it started hold more memory (no limit)",
       set<&Config::test_memory>,
       show_member<&Config::test_memory>},
      {"test_memory_by",
       {"--test-memory-by"},
       value,
       "WAY",
       "resident; address_space: beyond the limit a test also gets MemoryError; cgroup: the kernel keeps it",
       set<&Config::test_memory_by>,
       show_member<&Config::test_memory_by>},
      {"leak",
       {"--leak"},
       value,
       "POLICY",
       "warn, fail or ignore what tests leave behind; of some kinds only: warn,threads=ignore",
       set<&Config::leak>,
       show_member<&Config::leak>},
      {"python",
       {"--python"},
       program,
       "PATH",
       "the interpreter that has pytest",
       set<&Config::python>,
       show_member<&Config::python>},
      {"import_cwd",
       {"--import-cwd"},
       flag,
       "",
       "put the current directory first on sys.path, as python -m pytest does",
       set<&Config::import_cwd>,
       show_member<&Config::import_cwd>},
      {"junitxml",
       {"--junitxml", "--junit-xml"},
       output,
       "PATH",
       "write a JUnit XML report",
       set<&Config::junitxml>,
       show_member<&Config::junitxml>},
      {"metrics",
       {"--metrics"},
       output,
       "PATH",
       "write figures of the run as JSON",
       set<&Config::metrics>,
       show_member<&Config::metrics>},
      {"events",
       {"--events"},
       output,
       "PATH",
       "write every event of the run as a line of JSON",
       set<&Config::events>,
       show_member<&Config::events>},
      {"mode",
       {"--mode"},
       value,
       "NAME",
       "lightweight, integration, full, or a mode of trun.toml",
       set<&Config::mode>,
       show_member<&Config::mode>},
      {"modes", {}, value, "", "", set_modes, nullptr},
      {"network",
       {"--network"},
       value,
       "MODE",
       "host, or namespace: each worker with a network of its own",
       set_network,
       show_network},
      {"private_tmpdir", {}, value, "", "", set_private_tmpdir, show_private_tmpdir},
      {"private_home", {}, value, "", "", set_private_home, show_private_home},
      {"env", {}, value, "", "", set_env, nullptr},
      {"ports", {}, value, "", "", set_ports, nullptr},
      {"fixtures", {}, value, "", "", set_fixtures, nullptr},
      {"resources", {}, value, "", "", set_resources, nullptr},
      {"services", {}, value, "", "", set_services, nullptr},
      {"categories", {}, value, "", "", set_categories, nullptr},
      {"overrides", {}, value, "", "", set_overrides, nullptr},
      {"",
       {"--config"},
       input,
       "PATH",
       "read this file, not the trun.toml or pyproject.toml above the cwd",
       set<&Config::file>,
       show_nothing},
      {"",
       {"--show-config"},
       flag,
       "",
       "print the settings in effect and where each came from",
       set<&Config::show_config>,
       show_nothing},
      {"",
       {"--dry-run"},
       flag,
       "",
       "say what would be started and run, in order; run nothing",
       set<&Config::dry_run>,
       show_nothing},
      {"", {"--version"}, flag, "", "print trun's version", set<&Config::version>, show_nothing},
      {"", {"-h", "--help"}, flag, "", "print this", set<&Config::help>, show_nothing},
      {"",
       {"--pytest-help"},
       flag,
       "",
       "print pytest's --help, with the plugins' options",
       ask_pytest_for_help,
       show_nothing},
  };
}

}  // namespace

const std::vector<Option>& options() {
  static const std::vector<Option> kOptions = make_options();
  return kOptions;
}

const Option* find_flag(std::string_view wanted) {
  for (const Option& option : options())
    if (std::find(option.flags.begin(), option.flags.end(), wanted) != option.flags.end()) return &option;
  return nullptr;
}

const Option* find_key(std::string_view key) {
  // Options of the command line alone have no key.
  if (key.empty()) return nullptr;
  for (const Option& option : options())
    if (option.key == key) return &option;
  return nullptr;
}

std::string shown(const Option& option, const Config& config) {
  if (option.show) return option.show(config);
  const auto table = config.tables.find(option.key);
  return table == config.tables.end() ? "" : show(table->second);
}

std::string spellings(const Option& option, std::string_view separator) {
  std::string out;
  for (const auto flag : option.flags) out.append(out.empty() ? "" : separator).append(flag);
  return out;
}

}  // namespace trun
