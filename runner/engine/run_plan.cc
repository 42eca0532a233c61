#include "runner/engine/run_plan.h"

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <map>
#include <string_view>

#include "runner/engine/others_imports.h"
#include "runner/kernel/free_memory.h"
#include "runner/kernel/posix.h"
#include "runner/kernel/surroundings.h"
#include "scheduler/plan.h"
#include "scheduler/worker_count.h"

namespace trun {
namespace {

std::string join(const std::vector<std::string>& reasons) {
  std::string text;
  for (const auto& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

std::size_t estimated_tests(const Discovery& found) {
  std::size_t tests = 0;
  for (const FoundFile& file : found.files) tests += std::max(1u, file.scan.tests);
  return tests;
}

Result<WorkerCount> count_workers(const Config& config, const Configured& pytest, const Discovery& found,
                                  bool sharded) {
  const Numprocesses asked = effective_numprocesses(config);
  WorkerCountInput input;
  input.requested = asked.kind == Numprocesses::Kind::count     ? std::to_string(asked.count)
                    : asked.kind == Numprocesses::Kind::logical ? "logical"
                                                                : "auto";
  input.processors = posix::affinity_cpus();
  input.cgroup_quota = posix::cgroup_cpu_limit().value_or(0);
  input.free_memory = free_memory();
  input.told = pytest.auto_workers;
  input.max_processes = config.maxprocesses.value_or(0);
  input.files = found.files.size();
  // Where the walk stopped at its limit of entries there may be more tests than were counted.
  input.tests = found.complete ? estimated_tests(found) : 0;
  input.sharded = sharded;
  return worker_count(input);
}

std::vector<std::string> reasons_against_sharded(const Config& config, const Configured& pytest,
                                                 const Discovery& found) {
  std::vector<std::string> reasons = pytest.against_sharded;
  // What a conftest uses to see or change the collection as a whole, and what may hide that it does: `import *`, exec
  // and globals bring in names that the scan does not see.
  static const std::vector<std::string> kWords = {
      "session.items", "testscollected", "collect_ignore", "collect_ignore_glob",
      "wide_params",   "import *",       "exec",           "globals"};
  static const std::string kWide = " may have parameters of package or session scope, which reorder tests across files";
  for (const FoundConftest& conftest : found.conftests) {
    for (const std::string& mention : conftest.mentions) {
      const bool hook = mention.rfind("pytest_collect", 0) == 0 || mention == "pytest_ignore_collect" ||
                        mention == "pytest_itemcollected" || mention == "pytest_deselected" ||
                        mention == "pytest_make_collect_report" || mention == "pytest_pycollect_makemodule" ||
                        mention == "pytest_runtestloop";
      if (hook || std::find(kWords.begin(), kWords.end(), mention) != kWords.end()) {
        reasons.push_back(conftest.path + (mention == "wide_params" ? kWide : " mentions " + mention));
      }
    }
  }
  // One file of each kind is named.
  const auto name_first = [&](bool SourceScan::*fact, const std::string& what) {
    const auto has = [&](const FoundFile& file) { return file.scan.*fact; };
    const auto file = std::find_if(found.files.begin(), found.files.end(), has);
    if (file != found.files.end()) reasons.push_back(file->path + what);
  };
  name_first(&SourceScan::wide_params, kWide);
  name_first(&SourceScan::sees_collection, " reads the session's items");
  name_first(&SourceScan::names_plugins, " mentions pytest_plugins");
  // In the other modes pytest refuses the second file of one module name; two workers that own one of them each would
  // not notice.
  if (pytest.options.importmode != "importlib" && !found.duplicate_modules.empty()) {
    const auto& [first, second] = found.duplicate_modules.front();
    reasons.push_back(first + " and " + second + " are imported under one module name");
  }
  if (config.dist == DistMode::loadgroup) reasons.push_back("--dist loadgroup: groups span files");
  return reasons;
}

/// What will want fresh processes. A text that seems to ask for them may not: then collecting once costs little.
std::vector<std::string> reasons_for_once(const Config& config, const Discovery& found) {
  std::vector<std::string> reasons;
  if (config.isolate != Isolation::none)
    reasons.push_back("isolate = \"" + std::string(isolation_name(config.isolate)) + "\"");
  if (config.max_tests_per_worker.value_or(0) > 0) reasons.emplace_back("max_tests_per_worker");
  const std::vector<TestRule> rules = config.rules();
  const auto isolates = [](const TestRule& rule) { return rule.isolate.value_or(Isolation::none) != Isolation::none; };
  if (std::any_of(rules.begin(), rules.end(), isolates)) reasons.emplace_back("a rule has isolate");
  const auto says_so = [](const FoundFile& file) { return file.scan.isolates; };
  const auto file = std::find_if(found.files.begin(), found.files.end(), says_so);
  if (file != found.files.end()) reasons.push_back(file->path + " mentions isolate");
  return reasons;
}

/// Why workers must import what is the user's themselves; empty: they are forked after that.
std::vector<std::string> reasons_for_fresh(const Config& config, const Configured& pytest) {
  if (config.start == StartMode::fork) return {};
  if (config.start == StartMode::fresh) return {"--start fresh"};
  std::vector<std::string> reasons = pytest.bound_plugins;
  reasons.insert(reasons.end(), pytest.bound.begin(), pytest.bound.end());
  return reasons;
}

/// Whether imports may have missed what a worker has before it imports: a variable of trun's (TRUN_RUN_ID), its own
/// folder for temporary files.
bool missed_own(const Config& config, const Configured& pytest, const std::vector<std::string>& bound) {
  const SeparationOptions& separation = config.separation;
  const bool folders = separation.private_tmpdir || separation.private_home;
  return pytest.own_variables || pytest.all_variables || (folders && !bound.empty());
}

/// Of many reasons of one kind so many are named.
constexpr std::size_t kReasonsNamed = 3;

std::string why_start(const Config& config, const Configured& pytest, const std::vector<std::string>& bound,
                      bool in_place) {
  if (in_place) return "start: the process itself that has imported plugins and conftests";
  if (bound.empty()) {
    return config.start == StartMode::fork ? "start: fork: asked for (--start fork)"
                                           : "start: fork: no import has bound anything to its process";
  }
  std::string text = "start: fresh: ";
  for (std::size_t i = 0; i < std::min(bound.size(), kReasonsNamed); ++i) text += (i ? "; " : "") + bound[i];
  if (bound.size() > kReasonsNamed) text += "; and " + std::to_string(bound.size() - kReasonsNamed) + " more";
  char cost[80];
  std::snprintf(cost, sizeof cost, "; each process imports plugins and conftests itself (%.2f s)",
                seconds(pytest.imports));
  return text + cost;
}

/// Whether a conftest mentions one of these (conftest_scan.h).
bool any_mentions(const Discovery& found, std::initializer_list<std::string_view> words) {
  return std::any_of(found.conftests.begin(), found.conftests.end(), [&](const FoundConftest& conftest) {
    return std::find_first_of(conftest.mentions.begin(), conftest.mentions.end(), words.begin(), words.end()) !=
           conftest.mentions.end();
  });
}

std::vector<std::string> reasons_against_once(const Configured& pytest, const Discovery& found) {
  std::vector<std::string> reasons = pytest.against_once;
  for (const FoundConftest& conftest : found.conftests) {
    for (const std::string& mention : conftest.mentions) {
      if (mention == "workerinput" || mention == "PYTEST_XDIST" || mention == "pytest_sessionfinish" ||
          mention == "pytest_unconfigure") {
        reasons.push_back(conftest.path + " mentions " + mention);
      }
    }
  }
  return reasons;
}

/// What a collector would find out once it has collected, for nothing then: a test file whose import is for one
/// process.
std::vector<std::string> foreseen_to_be_bound(const Config& config, const Configured& pytest, const Discovery& found) {
  if (config.start == StartMode::fork) return {};
  for (const auto& [path, what] : pytest.bound_before) {
    // Who imports a module that is neither is not known: that is found out in each run.
    const auto is_it = [&bound = path](const auto& file) { return file.path == bound; };
    if (std::any_of(found.files.begin(), found.files.end(), is_it) ||
        std::any_of(found.conftests.begin(), found.conftests.end(), is_it))
      return {what + " in an earlier run, which no other process can share"};
  }
  for (const FoundFile& file : found.files) {
    const ModuleEffects& effects = file.scan.effects;
    if (effects.binds.empty()) continue;
    return {file.path + ":" + std::to_string(effects.binds_line) + " calls " + effects.binds +
            " at import, which no other process can share"};
  }
  return {};
}

/// Whether the project does something where a worker begins or ends. A process forked from a collector has begun there.
bool begins_or_ends_workers(const Configured& pytest, const Discovery& found) {
  const auto is_ones_own = [](const HookFact& hook) {
    return !hook.known && hook.distribution.empty() &&
           (hook.hook == "pytest_sessionfinish" || hook.hook == "pytest_unconfigure");
  };
  return std::any_of(pytest.hooks.begin(), pytest.hooks.end(), is_ones_own) ||
         any_mentions(found, {"pytest_configure", "pytest_sessionstart", "pytest_sessionfinish", "pytest_unconfigure",
                              "workerinput", "PYTEST_XDIST", "import *", "exec", "globals"});
}

/// Of Discovery::files.
std::vector<Duration> estimates(const Discovery& found, const History& history, const std::string& rootdir) {
  std::vector<std::string> paths;
  std::vector<std::size_t> tests;
  for (const FoundFile& file : found.files) {
    const bool inside = file.path.rfind(rootdir + "/", 0) == 0;
    paths.push_back(inside ? file.path.substr(rootdir.size() + 1) : file.path);
    tests.push_back(std::max(1u, file.scan.tests));
  }
  return history.estimates(paths, tests);
}

double largest_share(const std::vector<Duration>& estimates) {
  Duration sum{0}, largest{0};
  for (Duration estimate : estimates) {
    sum += estimate;
    largest = std::max(largest, estimate);
  }
  return sum > Duration{0} ? seconds(largest) / seconds(sum) : 0;
}

std::vector<Slot> owners(const Discovery& found, unsigned workers, const History& history, const std::string& rootdir) {
  std::vector<std::uint32_t> directories;
  std::map<std::string, std::uint32_t> numbers;
  for (const FoundFile& file : found.files) {
    const auto directory = file.path.substr(0, file.path.rfind('/'));
    directories.push_back(numbers.emplace(directory, static_cast<std::uint32_t>(numbers.size())).first->second);
  }
  return shard_owners(estimates(found, history, rootdir), workers, directories);
}

}  // namespace

std::vector<std::string> names_per_worker(const Config& config) {
  std::vector<std::string> names;
  for (const EnvTemplate& variable : config.worker_environment) names.push_back(variable.name);
  if (config.separation.private_tmpdir) names.emplace_back("TMPDIR");
  if (config.separation.private_home) names.emplace_back("HOME");
  return names;
}

DiscoverOptions discover_options(const Configured& pytest) {
  DiscoverOptions options;
  options.python_files = pytest.ini.python_files;
  options.norecursedirs = pytest.ini.norecursedirs;
  options.ignore = pytest.options.ignore;
  options.ignore_glob = pytest.options.ignore_glob;
  // pytest 7 visits the files of a directory before its folders, later versions both by name.
  options.files_first = pytest.pytest.starts_with("7.");
  return options;
}

Result<RunPlan> decide(const Config& config, const Configured& pytest, const Discovery& found, const History& history) {
  RunPlan plan;
  plan.solo_reasons = pytest.solo;
  plan.solo = !pytest.solo.empty();
  // Counted twice: the way to collect depends on the number of workers, and sharded limits it to that of the files.
  TRUN_TRY(asked, count_workers(config, pytest, found, false));
  plan.attached = asked.count == 0 || plan.solo;
  CollectModeInput input;
  input.requested = plan.solo ? CollectModeInput::Requested::each : config.collect;
  input.against_sharded = reasons_against_sharded(config, pytest, found);
  input.against_once = reasons_against_once(pytest, found);
  for (std::string& reason : foreseen_to_be_bound(config, pytest, found))
    input.against_once.push_back(std::move(reason));
  const std::vector<std::string> bound = reasons_for_fresh(config, pytest);
  plan.fresh = !bound.empty();
  input.against_sharing = bound;
  // A collector would configure in the controller's role, which is the host's.
  if (!plan.attached && !pytest.host.empty()) input.against_once.emplace_back("there is a plugin host");
  if (!plan.solo) input.for_once = reasons_for_once(config, found);
  input.workers = plan.attached ? 1 : asked.count;
  input.files = found.files.size();
  const SeenFiles seen = seen_files(found, pytest.rootdir);
  input.seen_files = seen.count;
  input.first_seen = seen.first;
  input.largest_file = largest_share(estimates(found, history, pytest.rootdir));
  TRUN_TRY(decision, choose_collect_mode(input));
  plan.mode = decision.mode;
  plan.in_place = plan.attached && plan.mode != CollectMode::once && config.start != StartMode::fresh &&
                  !missed_own(config, pytest, bound);
  // If the shares do not add up, the run goes on in this way without deciding anew.
  plan.unsharded = input.against_once.empty() ? CollectMode::once : CollectMode::each;
  plan.one_at_a_time = plan.mode != CollectMode::once && begins_or_ends_workers(pytest, found);
  // Conftests below the initial ones are not imported yet, so their texts are asked as well.
  plan.one_session_each = pytest.names_workers || any_mentions(found, {"workerinput", "PYTEST_XDIST", "worker_id"});
  plan.why = decision.why;
  plan.why.push_back(why_start(config, pytest, bound, plan.in_place));
  TRUN_TRY(workers, count_workers(config, pytest, found, plan.mode == CollectMode::sharded));
  plan.workers = plan.attached ? 1 : std::max(1u, workers.count);
  if (!plan.attached) plan.host_reasons = pytest.host;
  if (!plan.host_reasons.empty()) plan.why.push_back("plugin host: " + join(plan.host_reasons));
  if (!plan.attached) {
    plan.why.push_back(std::to_string(plan.workers) + (plan.workers == 1 ? " worker: " : " workers: ") + workers.why);
  }
  if (plan.mode == CollectMode::sharded) {
    plan.imports = others_imports(found);
    if (!plan.imports.empty()) plan.why.push_back(why_imports(plan.imports, seen));
  }
  if (plan.mode == CollectMode::sharded) plan.owners = owners(found, plan.workers, history, pytest.rootdir);
  return plan;
}

event::RunStarted run_started(const RunPlan& plan, const Config& config, const Configured& pytest,
                              const std::string& run_id, TimePoint begin) {
  event::RunStarted started;
  started.run_id = run_id;
  started.at = begin;
  started.unix_ms = unix_ms();
  started.header = pytest.header;
  started.rootdir = pytest.rootdir;
  started.workers = plan.workers;
  started.collect = collect_mode_name(plan.mode);
  started.lane = lane_name(config.lane);
  started.resources = {config.resources.begin(), config.resources.end()};
  started.why = plan.why;
  return started;
}

std::string why_solo(const RunPlan& plan, const Config& config) {
  std::string reasons;
  reasons = join(plan.solo_reasons);
  const bool replaced = config.isolate != Isolation::none || config.max_tests_per_worker.value_or(0) > 0 ||
                        config.worker_memory.value_or(ByteSize{}).bytes > 0;
  return "one worker with pytest's own terminal, as with -n 0: " + reasons +
         (replaced ? " (it is not replaced: isolate, max_tests_per_worker and worker_memory have no effect)" : "");
}

SchedulerOptions scheduler_options(const RunPlan& plan, const Config& config, const Configured& pytest,
                                   const Collection& collection, const History& history) {
  SchedulerOptions options;
  options.workers = plan.workers;
  options.sharded = plan.mode == CollectMode::sharded;
  // With one worker there is nobody to divide work with, and its order is pytest's.
  options.in_order = plan.workers == 1 || config.dist == DistMode::no;
  options.takes_over = !plan.one_session_each;
  options.affinity = affinity(config.dist);
  options.max_chunk = config.maxschedchunk.value_or(0);
  options.largest_first = config.loadscope_reorder;
  options.maxfail = static_cast<unsigned>(std::max(0, pytest.options.maxfail));
  options.isolation = config.isolate;
  options.max_tests_per_worker = config.max_tests_per_worker.value_or(0);
  options.max_restarts = config.max_worker_restart.value_or(std::max(4u * plan.workers, 20u));
  options.resources = {config.resources.begin(), config.resources.end()};
  // Only what is known: the scheduler is careful with files of which no earlier run tells.
  for (const TestFile& file : collection.files) options.file_estimates.push_back(history.recorded(file.path));
  if (history.knows_tests()) {
    options.test_estimates.reserve(collection.items.size());
    for (const TestItem& item : collection.items) options.test_estimates.push_back(history.recorded(item.id));
  }
  return options;
}

}  // namespace trun
