// Config: everything that trun itself decides, as one value, each option a member with its default. What pytest decides
// is not here: pytest parses its own arguments in the fork server. Only config.cc maps argv and files to a Config; the
// table of options in option.cc says which spelling means which member.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/result.h"
#include "runner/config/config_value.h"
#include "runner/config/leak_policy.h"
#include "runner/config/mode.h"
#include "runner/config/safeguards.h"
#include "runner/config/separation_options.h"
#include "runner/config/test_environment.h"
#include "runner/config/test_rules.h"
#include "runner/model/service.h"
#include "runner/model/variables.h"
#include "scheduler/collect_mode.h"
#include "scheduler/scheduler.h"

namespace trun {

/// `-n`: a fixed number of workers, or by the machine: the processors that trun may use ("auto", "logical").
struct Numprocesses {
  enum class Kind { automatic, logical, count } kind = Kind::automatic;
  unsigned count = 0;  ///< of Kind::count; 0 = one worker without workerinput, pytest exactly
  bool operator==(const Numprocesses&) const = default;
};

/// Memory or disk space. A type of its own, so that the table knows "2GB" from a number.
struct ByteSize {
  std::uint64_t bytes = 0;
  bool operator==(const ByteSize&) const = default;
};

enum class DistMode { load, loadfile, loadscope, loadgroup, worksteal, no };
using RequestedCollect = CollectModeInput::Requested;
enum class LaneMode { automatic, standard };
/// Where workers start from: the fork server once it has imported what is the user's, or a process that has not.
enum class StartMode { automatic, fresh, fork };
/// How --test-memory is kept: by looking at the memory that is resident; in addition by the kernel, which refuses a
/// process what it asks for beyond that (RLIMIT_AS); or by the kernel alone, in a control group.
enum class MemoryBy { resident, address_space, cgroup };

/// Where a value came from, the strongest last. `addopts`: pytest's addopts or PYTEST_ADDOPTS, of xdist's options.
struct Origin {
  enum class Source { builtin, addopts, file, command_line } source = Source::builtin;
  std::string file;    ///< of Source::file
  unsigned line = 0;   ///< of Source::file, from 1
  std::string mode{};  ///< of Source::file: the mode in whose table it stands; empty: none
  bool operator==(const Origin&) const = default;
};

struct Config {
  Numprocesses numprocesses;
  DistMode dist = DistMode::load;
  std::optional<unsigned> maxprocesses;        ///< bounds every -n
  std::optional<unsigned> max_worker_restart;  ///< none: the engine's own limit
  std::optional<unsigned> maxschedchunk;       ///< tests that a worker is given in one step, --dist load; none: any
  bool loadscope_reorder = true;               ///< the largest first of what stays together; else in collection order
  std::string testrunuid;                      ///< xdist's id of the run; empty: trun makes one
  RequestedCollect collect = RequestedCollect::automatic;
  LaneMode lane = LaneMode::automatic;
  StartMode start = StartMode::automatic;
  LeakPolicy leak;
  // Limits; zero: none. What each covers: scheduler/deadlines.h.
  std::optional<Duration> timeout = std::chrono::hours(1);
  std::optional<Duration> slow = std::chrono::minutes(1);  ///< a note each time a test has taken so long
  std::optional<Duration> collect_timeout = std::chrono::minutes(10);
  std::optional<Duration> session_finish_timeout = std::chrono::minutes(10);
  std::optional<Duration> shutdown_timeout = std::chrono::seconds(5);
  std::optional<Duration> run_timeout;
  Isolation isolate = Isolation::none;           ///< of tests that say nothing else
  std::optional<unsigned> max_tests_per_worker;  ///< none or zero: no limit
  std::optional<ByteSize> worker_memory;         ///< of a worker between two tests; none or zero: no limit
  std::optional<ByteSize> section_limit = ByteSize{1u << 20};  ///< of each text in a report; none or zero: no limit
  std::optional<ByteSize> test_memory;  ///< of a worker's processes while a test runs; none or zero: no limit
  MemoryBy test_memory_by = MemoryBy::resident;
  std::optional<Duration> stall_limit = std::chrono::minutes(1);  ///< trun itself may stand still so long
  std::optional<Duration> grace = std::chrono::seconds(5);  ///< between SIGTERM and SIGKILL; zero: SIGKILL at once
  bool import_cwd = false;  ///< the current directory stands first on sys.path, as under `python -m pytest`
  /// The interpreter: an absolute path, or a bare name to be looked for on PATH. Empty: found by the engine.
  std::string python;
  /// [categories] and then [[overrides]], in the order in which they count.
  std::vector<TestRule> categories, overrides;
  ResourceCapacities resources;
  /// All modes that there are, and the name of the one that holds; empty: none.
  std::vector<Mode> modes = builtin_modes();
  std::string mode;
  /// [env], and what it and the mode add to the environment: of all that the run starts, and of each worker.
  std::vector<EnvTemplate> env;
  Variables environment;
  std::vector<EnvTemplate> worker_environment;
  /// Say what would be started and run, in order, and do none of it.
  bool dry_run = false;
  SeparationOptions separation;
  /// [services], in the order of the file; what hangs together between them is checked by plan_services().
  std::vector<ServiceOptions> services;
  /// Absolute paths of reports; empty: not wanted.
  std::string junitxml, metrics, events;

  /// The configuration file that was read; empty: none.
  std::string file;
  /// What a conftest has that is called as an option of trun's that was given; empty: nothing.
  std::string clash;
  /// Things to do instead of a run.
  bool help = false, version = false, show_config = false;
  /// On, but for tests of the tests.
  Safeguards safeguards;
  /// The command line as it was given, without the name of the program.
  std::vector<std::string> argv;
  /// All that is not trun's, untouched and in order.
  std::vector<std::string> pytest_args;

  /// Tables of the file as they were written, by key.
  std::map<std::string, ConfigValue, std::less<>> tables;
  /// Origins of the values that are not built in, by key ("numprocesses").
  std::map<std::string, Origin, std::less<>> origins;
  Origin origin(std::string_view key) const;
  /// The mode that holds; nullptr: none.
  const Mode* current_mode() const { return find_mode(modes, mode); }
  /// Categories and overrides.
  std::vector<TestRule> rules() const;
};

/// Reads `args` (argv without the program's name) and the configuration file that holds in `cwd` (absolute). The
/// command line wins over the file, the file over the defaults. With --help or --version no file is read. Every Error
/// is of kind usage.
Result<Config> load_config(const std::vector<std::string>& args, const std::string& cwd);

/// "4", "auto", "logical"; nullopt for anything else. For `-n` in pytest's addopts, as the fork server reports it.
std::optional<Numprocesses> parse_numprocesses(std::string_view text);

/// Takes in what pytest's addopts or PYTEST_ADDOPTS have of xdist's options, (flag, value) each: it counts where
/// neither file nor command line say anything. Error (usage): an option that trun does not have, by name; a value that
/// is none.
Status take_addopts(const std::vector<std::pair<std::string, std::string>>& given, Config& config);

/// What `-n` is in the end. `--dist no` means 0, unless a number of workers was given where it weighs as much or more
/// (xdist: -n overrides --dist no).
Numprocesses effective_numprocesses(const Config& config);

SchedulerOptions::Affinity affinity(DistMode dist);

/// The words that trun.toml and the wire use: "auto", "each", "once", "sharded"; "auto", "standard".
std::string_view collect_name(RequestedCollect mode);
std::string_view lane_name(LaneMode mode);
std::string_view start_name(StartMode mode);

}  // namespace trun
