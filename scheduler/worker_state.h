// WorkerState: what the scheduler knows of one slot's worker: whether it lives, what it was given and has not finished,
// what it can run, what it was asked to collect. WorkerStates: those of all slots. Plain data and questions; decides
// nothing.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/run_event.h"
#include "scheduler/work_part.h"

namespace trun {

struct WorkerState {
  enum class Life {
    starting,  ///< Ready, Exited or WorkerUnavailable will come
    ready,
    dead,      ///< can be started again
    given_up,  ///< will not be started again
  };
  /// Files on their way from another slot: asked for with CollectFiles, not yet Collected.
  struct Transfer {
    Slot from = 0;
    TimePoint since;
    std::vector<WorkPart> parts;
  };

  Life life = Life::starting;
  bool told_to_finish = false;
  unsigned early_deaths = 0;    ///< in a row, before Ready
  std::deque<ItemIndex> queue;  ///< assigned and not finished, the oldest first
  std::size_t low = 1;          ///< as last assigned
  bool open = true;             ///< the worker waits with the last of its queue until it knows the next
  bool waits = false;           ///< open only because others' tests may still come to it (Dispatcher::may_come)
  bool runs_all = false;
  std::vector<bool> can_run;  ///< by item; empty: none
  std::optional<Transfer> transfer;
  // The process in the slot, as far as it wears out.
  std::size_t given = 0;              ///< tests, in all
  std::optional<std::uint32_t> cell;  ///< of the tests that it was given; none: it is fresh
  std::optional<ItemIndex> last;      ///< that it finished
  bool worn = false;                  ///< is given no further test
  event::WorkerRecycled::Cause why_worn = event::WorkerRecycled::Cause::tests;
  std::string worn_detail;
  bool recycling = false;   ///< a fresh process is to take over: Ready will come once more
  bool relieves = false;    ///< it does so for what others have, and might as well do themselves
  TimePoint waits_since{};  ///< for that one: it was asked for, and the queue was run out

  bool alive() const { return life == Life::starting || life == Life::ready; }
  bool usable() const { return life == Life::ready && !told_to_finish; }
  bool changing() const { return transfer || recycling; }
  bool idle() const { return usable() && queue.empty() && !changing(); }
  bool runs(ItemIndex item) const { return runs_all || (item < can_run.size() && can_run[item]); }
  bool runs(const WorkPart& part) const {
    return std::all_of(part.items.begin() + static_cast<std::ptrdiff_t>(part.next), part.items.end(),
                       [this](ItemIndex item) { return runs(item); });
  }
  void learn(const std::vector<ItemIndex>& items, std::size_t all_items) {
    can_run.resize(all_items);
    for (const ItemIndex item : items) can_run[item] = true;
  }
  /// The process is gone, and with it all that it could do.
  void forget() {
    queue.clear();
    low = 1;
    open = true;
    runs_all = false;
    can_run.clear();
    transfer.reset();
    renew();
  }
  /// Another process is in the slot, which has run nothing.
  void renew() {
    given = 0;
    cell.reset();
    last.reset();
    waits = worn = recycling = relieves = false;
    worn_detail.clear();
  }
};

using WorkerStates = std::vector<WorkerState>;

inline std::size_t alive(const WorkerStates& crew) {
  return static_cast<std::size_t>(std::count_if(crew.begin(), crew.end(), [](const auto& w) { return w.alive(); }));
}

}  // namespace trun
