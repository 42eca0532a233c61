// ResourceGate: which worker holds what, and which kind of tests it may begin now. A hold is taken by an idle worker,
// for a run of tests of one kind and file, and released when these have their verdicts, or once the worker's processes
// are gone. Made only where some test demands something. Knows no tests' order and no queues: the dispatcher does.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runner/base/run_event.h"
#include "scheduler/resource_table.h"
#include "scheduler/waiting_line.h"

namespace trun {

class ResourceGate {
 public:
  using IsThere = std::function<bool(WaitingLine::Place)>;

  /// `kinds` must outlive it.
  ResourceGate(const DemandKinds& kinds, unsigned slots);

  /// What an idle worker is to begin: of what it can have now, what waits for longest; else what demands nothing; else,
  /// if it is `alone` at work, what must be. None: nothing now. What it could not have waits from now on.
  std::optional<Candidate> choose(Slot slot, const std::vector<Candidate>& candidates, bool alone,
                                  const IsThere& is_there);
  /// Whether a worker that is at plain tests should rather become idle, for the sake of a candidate that can be had. It
  /// is promised that: nobody else gives way for the same units.
  std::optional<Candidate> gives_way(Slot slot, const std::vector<Candidate>& candidates, const IsThere& is_there);
  /// Nobody but a test that runs alone, in another slot, may be at work.
  bool closed_to(Slot slot) const;

  /// REQUIRES: choose() has just said so, and its kind is not 0. `item`: the first that it is for.
  void take(Slot slot, Candidate candidate, ItemIndex item);
  /// All that it was taken for has its verdict. Nothing if `slot` holds nothing.
  void release(Slot slot);
  /// The worker is dead. `lingers`: some of its processes are not; swept() will come.
  void lost(Slot slot, bool lingers);
  /// Nothing is left of the dead of `slot`.
  void swept(Slot slot);

  /// What the worker of `slot` gives way for.
  std::optional<Candidate> promised(Slot slot) const { return promised_[slot]; }
  /// What `slot` holds; empty: nothing, or nothing but being alone.
  const std::vector<event::HeldResource>& held(Slot slot) const { return holds_[slot].resources; }
  bool holds(Slot slot) const { return holds_[slot].id != 0; }
  bool nothing_held() const;

  /// What was taken and released since the last call, in order, without times.
  std::vector<RunEvent> changes();

 private:
  struct Hold {
    std::uint64_t id = 0;  // 0: none
    KindIndex kind = 0;
    TakenUnits units;
    std::vector<event::HeldResource> resources;
  };

  WaitingLine::Place place(Slot slot, Candidate candidate) const;
  bool opens(const ResourceTable& table, WaitingLine::Place place, const IsThere& is_there);
  void let_go(Slot slot, Hold hold);

  const DemandKinds& kinds_;
  ResourceTable table_;
  WaitingLine line_;
  std::vector<Hold> holds_;                         // by slot
  std::vector<std::vector<Hold>> lingering_;        // by slot: of its dead
  std::vector<std::optional<Candidate>> promised_;  // by slot
  std::optional<std::uint64_t> alone_;              // the hold that nobody runs beside
  std::uint64_t last_ = 0;
  std::vector<RunEvent> changes_;
};

}  // namespace trun
