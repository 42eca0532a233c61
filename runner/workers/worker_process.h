// WorkerProcess: what the engine knows of one worker (or collector) process, from its fork to its end: its channel, its
// page, its output, what it was given and how far it has come. It draws no conclusions; the engine does.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/result.h"
#include "runner/base/session_end.h"
#include "runner/base/test_item.h"
#include "runner/containment/memory_groups.h"
#include "runner/kernel/fd.h"
#include "runner/kernel/posix.h"
#include "runner/wire/channel.h"
#include "runner/wire/line_pipe.h"
#include "runner/wire/status_page.h"
#include "runner/wire/worker_frames.h"

namespace trun {

/// How far trun is with ending a worker (stop_ladder.h).
struct Stopping {
  enum class Step { stacks, terminated, killed } step = Step::stacks;
  std::string reason;
  std::optional<std::uint64_t> ordinal;  ///< of the test at work: from here on nothing that it says counts
  Outcome verdict;                       ///< on that test
  Evidence evidence;
  TimePoint next{};               ///< when the next step is due
  bool urgent = false;            ///< SIGKILL without SIGTERM and grace
  std::optional<Duration> grace;  ///< between the two, if it is not the usual one
  std::size_t stacks_size = 0;
};

/// What was seen of a worker that makes no progress (standstill.h).
struct Still {
  TimePoint since{};   ///< when it began what it is at
  TimePoint looked{};  ///< at its threads
  unsigned looks = 0;  ///< in a row that showed all of them waiting for each other
};

struct WorkerProcess {
  // Constant after the fork.
  Slot slot = 0;
  int attempt = 1;
  bool collector = false;
  bool fresh = false;  ///< it imports what is the user's itself; false: it was forked after that
  Channel channel;
  StatusPage page;
  LinePipe out, err;
  Fd stacks;  ///< the file into which it writes the stacks of its threads when it is asked to
  pid_t pid = 0, pgid = 0;
  Fd pidfd;
  TimePoint forked{};
  std::optional<MemoryGroup> memory;  ///< limits what it holds; none: nothing does
  std::uint64_t cleanup = 0;          ///< its entry in the CleanupCoordinator

  // What it was given and has delivered.
  std::vector<ItemIndex> assigned;
  std::uint64_t delivered = 0;
  std::deque<RingRecord> ring;
  std::deque<ResultFrame> results;
  std::uint64_t odd_times = 0;  ///< records with times that no clock gives

  // How far it has come.
  bool configured = false;     ///< its session has started
  CollectingFrame collecting;  ///< the file that it imports, or imported last
  TimePoint collecting_since{};
  std::optional<Collected> collection;          ///< less its items, once these are in the run's collection
  std::optional<std::vector<ItemIndex>> items;  ///< those, sharded
  TimePoint ready_at{};                         ///< when the collection was there
  CollectedLists collected_parts;               ///< what has come of it so far
  std::optional<StoppedFrame> stopped;
  std::optional<DoneFrame> done;
  bool ended = false;  ///< it does no more; what it has left behind is still to be read
  std::optional<posix::ExitStatus> exited;
  TimePoint gone_at{};
  std::optional<TimePoint> silent_since;  ///< its socket has closed
  std::string starved;                    ///< the kernel killed it for want of memory: what is known; empty: it did not
  std::string lost;                       ///< why trun killed it; empty: it did not
  bool garbled = false;                   ///< it spoke nonsense: nothing that it says is listened to any more
  TimePoint finish_told{};                ///< when it was told to finish; none: it was not
  bool lingers = false;                   ///< through with its tests, it lives on for the sake of others
  bool retired = false;                   ///< another process takes over its slot
  bool worn = false;                      ///< it gave back what it was not to run
  bool stood_still = false;               ///< a fork had left it without threads: its work is another one's
  Still still;
  TimePoint delivered_at{};  ///< when its latest result was taken

  /// trun is ending it.
  std::optional<Stopping> stopping;
  std::uint64_t slow_ordinal = 0, slow_notes = 0;    ///< what was noted of a slow test
  std::uint64_t finish_asked = 0, finish_notes = 0;  ///< of a slow end of its session: stacks asked for, notes told

  /// Tells it to end its session once its queue has been run, a collector to end; once.
  void finish();
};

/// The far ends that travel with a `fork` frame, in the order of docs/protocol.md.
struct ForkParcel {
  Fd socket, out, err;
  std::vector<int> fds(const WorkerProcess& worker, const RunPage& run, bool attached) const;
};

/// Makes pages, sockets and pipes of a worker that is to be forked. Attached workers keep trun's own stdout and stderr.
Result<ForkParcel> prepare(WorkerProcess& worker);

/// Moves what the worker's page and frames say into TestResults, in the order in which the items were assigned. Error:
/// nonsense.
Result<std::vector<TestResult>> take_results(WorkerProcess& worker);

/// Closes what nobody needs of a process that is gone.
void let_go(WorkerProcess& worker);

/// Whether it came to the end of its session and then ended by itself.
bool ended_well(const WorkerProcess& worker);

/// How the process has ended if code of the user's ended it once it was through with its tests: `os._exit` in a hook of
/// the session's end or in an atexit handler. That stands for the end of its session. nullopt: it did not end so.
std::optional<SessionEnd> ended_itself(const WorkerProcess& worker);

/// "gw3", "the collecting process".
std::string whose(const WorkerProcess& worker);

/// What it said last on its real stderr, with a heading, to stand below a notice of its end; empty: nothing.
std::string last_words(const WorkerProcess& worker);

/// "exit 0", "signal 11 (SIGSEGV)", "killed by trun (...)".
std::string ending(const WorkerProcess& worker);

}  // namespace trun
