// The run phase as a pure state machine: who runs what, in which order, and what becomes of the work of the dead.
// No I/O, no clock. All workers have been started, in slots 0..workers-1, when it is made. The engine feeds it
// WorkerEvents and carries out the Steps that it returns.
//
// Guarantees, tested by properties over random event sequences: every item gets exactly one TestFinished; no item is
// assigned to two living workers; an item is assigned again only if it had not started when its worker died or gave it
// back; no process runs more tests than it may, nor one that an isolated test is to be spared; when done(), every
// living worker was told to finish.
#pragma once

#include <memory>

#include "scheduler/step.h"

namespace trun {

struct SchedulerOptions {
  unsigned workers = 1;
  /// Sharded: a worker can run only what it collected. Otherwise any worker can run any item.
  bool sharded = false;
  /// Never move work between workers, keep collection order (-n 0, -n 1, --dist no). Then affinity means nothing.
  bool in_order = false;
  /// Whole files, classes or groups stay together (--dist loadfile, loadscope, loadgroup). Sharded, whole files do, so
  /// a group that spans files does not: collect in another way then.
  enum class Affinity { item, file, scope, group } affinity = Affinity::item;
  /// Who runs out of work gets some of another's for which a fresh process takes the slot over: sharded, to collect it;
  /// otherwise, what comes before what the one there has run.
  bool takes_over = true;
  /// With affinity: the heaviest of what stays together is handed out first. Else, all in collection order.
  bool largest_first = true;
  /// A worker is given so many tests in one step, at most; 0 = no limit.
  std::size_t max_chunk = 0;
  /// Stop after so many failed or errored tests; 0 = never.
  unsigned maxfail = 0;
  /// How often workers that die are replaced, in all.
  unsigned max_restarts = 100;
  /// A process that was given so many tests is recycled: a fresh one takes its slot. 0 = never.
  std::size_t max_tests_per_worker = 0;
  /// Of tests that do not say (TestDemands::isolate). What is isolated starts in a fresh process. One `file` among the
  /// tests of a file makes it so for all of them.
  Isolation isolation = Isolation::none;
  /// Units of each named resource, sorted by name.
  std::vector<std::pair<std::string, unsigned>> resources;
  /// What earlier runs of each file took, in Collection::files order; 0 or missing: none tells.
  std::vector<Duration> file_estimates;
  /// What earlier runs of tests took that are slower than the others of their file, by item; 0 or missing: it is like
  /// them.
  std::vector<Duration> test_estimates;
};

/// The verdict that an end in the middle of a test is. REQUIRES: `exit.current`.
TestResult result_of(const worker_event::Exited& exit, TimePoint now);

class Scheduler {
 public:
  /// `collection` must outlive the scheduler.
  Scheduler(const Collection& collection, SchedulerOptions options);
  ~Scheduler();

  /// Takes in one event and says what follows from it. Never fails: an event that makes no sense is a Bug
  /// (invariant.h), which it throws.
  Step handle(WorkerEvent event, TimePoint now);
  /// Where handle() has thrown, what would have been told: the verdict that came with the event is in it. The scheduler
  /// is of no more use.
  std::vector<RunEvent> untold();

  /// Every item has its verdict, every worker was told to finish or is dead, and nobody holds resources.
  bool done() const;
  /// No new test starts any more.
  bool stopped() const;
  /// After a stop: the items that have no verdict, ascending; they got no TestFinished and pytest prints nothing for
  /// them. Empty without a stop. Final once done().
  std::vector<ItemIndex> not_started() const;
  /// Estimated time until the end, if any estimate exists.
  std::optional<Duration> left() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trun
