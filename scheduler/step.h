// What goes into the scheduler and what comes out: plain data. WorkerEvent is what happened; Step is what the
// engine must tell its reporters and then do. Nothing here knows processes, sockets or clocks.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/run_event.h"
#include "runner/base/test_item.h"
#include "runner/base/test_result.h"

namespace trun {

namespace worker_event {

/// The worker in `slot` has its collection and can be given work: all items, or (sharded) those in `items`. After
/// Recycle: the fresh process has it, and the old one has run out its queue.
struct Ready {
  Slot slot = 0;
  std::vector<ItemIndex> items;
  bool all = false;
  Duration took{0};  ///< its process, from its fork until it could run tests
};

/// A `collect` action was carried out: the worker now can run `items` too. Fewer than asked for: the others are not
/// there.
struct Collected {
  Slot slot = 0;
  std::vector<ItemIndex> items;
};

/// The worker's queue runs low (or is empty).
struct NeedsWork {
  Slot slot = 0;
};

/// The worker finished the oldest item of its queue.
struct Finished {
  Slot slot = 0;
  TestResult result;
};

/// The process in `slot` is gone. `current`: the item it was at, none if between items. `verdict`: what that item's
/// ending is called. Items queued behind it were not started.
struct Exited {
  Slot slot = 0;
  std::optional<ItemIndex> current;
  Outcome verdict;
  TimePoint started{};  ///< of `current`
  std::string last_words;
  Evidence evidence;
  std::vector<PhaseReport> reports;  ///< on earlier crashes in `current`, after each of which it was run again
  bool lingers = false;              ///< some of its processes live on: Swept will come
};

/// Nothing lives any more of the processes that died in `slot`.
struct Swept {
  Slot slot = 0;
};

/// The worker runs the oldest `keep` items of its queue and no more: it is worn out (memory, a leak). The rest of its
/// queue was not started. To be recycled if there is work for its slot.
struct GaveBack {
  Slot slot = 0;
  std::size_t keep = 0;
  event::WorkerRecycled::Cause cause = event::WorkerRecycled::Cause::memory;
  std::string detail;
};

/// The worker's session runs no further test (pytest.exit, session.shouldstop): what it had queued was not started.
struct SessionStopped {
  Slot slot = 0;
  std::string reason;
};

/// The user or the engine wants the run to end: start nothing new.
struct StopRequested {
  std::string reason;
};

/// No worker can be started any more for `slot` (after StartWorker).
struct WorkerUnavailable {
  Slot slot = 0;
  std::string reason;
};

}  // namespace worker_event

using WorkerEvent =
    std::variant<worker_event::Ready, worker_event::Collected, worker_event::NeedsWork, worker_event::Finished,
                 worker_event::Exited, worker_event::Swept, worker_event::GaveBack, worker_event::SessionStopped,
                 worker_event::StopRequested, worker_event::WorkerUnavailable>;

namespace action {

/// Append `items` to the worker's queue, whether it was closed or not. `end`: nothing follows for now, the last is run
/// with nextitem None.
/// `low`: ask for more when so many items or fewer are left. Empty `items` with `end` closes an open queue.
struct Assign {
  Slot slot = 0;
  std::vector<ItemIndex> items;
  unsigned low = 1;
  bool end = false;
  /// With `end`: what is likely to follow after all, so that fixtures that it needs too stay set up. None: nothing.
  std::optional<ItemIndex> next;
  /// What `items` hold while they run.
  std::vector<event::HeldResource> resources;
};

/// Sharded: collect these files, which were another worker's. A test file must not be imported after tests have run
/// (pytest never does), so a fresh process takes the slot over once the one there has run out its queue. Answered by
/// Collected when it has; until then nothing is assigned.
struct CollectFiles {
  Slot slot = 0;
  std::vector<FileIndex> files;
};

/// A fresh process that collects `files` (sharded) or has everything takes the slot over as soon as the one there has
/// run out its queue, which is closed. Answered by Ready when it has; until then nothing is assigned.
struct Recycle {
  Slot slot = 0;
  std::vector<FileIndex> files;
};

/// Start a replacement in `slot` that collects `files` (sharded) or everything. Answered by Ready, Exited or
/// WorkerUnavailable.
struct StartWorker {
  Slot slot = 0;
  std::vector<FileIndex> files;
};

/// End the worker's session; its queue is empty, or the run is stopped. Once a worker, also while it is starting.
struct FinishWorker {
  Slot slot = 0;
};

/// Tell all workers to start no further test (the run page's stop word).
struct StopAll {};

}  // namespace action

using Action = std::variant<action::Assign, action::CollectFiles, action::Recycle, action::StartWorker,
                            action::FinishWorker, action::StopAll>;

struct Step {
  std::vector<RunEvent> events;  ///< for the reporters, first
  std::vector<Action> actions;   ///< then carried out, in order
};

}  // namespace trun
