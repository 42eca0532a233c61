// WorkPart: tests of one unit (a file, class or group) that no worker has been given yet, in the order in which they
// are to run. Partition: the cut of a collection into units. What a part may do: be run down from the front, be split
// at the back. Who holds it is the pool's business (work_pool.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "runner/base/test_item.h"
#include "scheduler/demand_kinds.h"
#include "scheduler/scheduler.h"

namespace trun {

struct WorkPart {
  std::uint32_t unit = 0;
  std::vector<ItemIndex> items;
  std::size_t next = 0;    ///< items before it were given out
  bool sticky = false;     ///< one worker runs all of it
  bool pinned = false;     ///< some of it was given out, or `only_here`: not to be moved as a whole
  bool only_here = false;  ///< no other worker could collect it
  double cost = 0;         ///< sum of Estimates::weight, as of when it was last looked at

  std::size_t size() const { return items.size() - next; }
  bool empty() const { return next == items.size(); }
  ItemIndex front() const { return items[next]; }
};

/// What a process may be given next. Nothing set: anything.
struct Wanted {
  Wanted(std::optional<std::uint32_t> cell_ = {}, std::optional<KindIndex> kind_ = {})  // NOLINT: implicit on purpose
      : cell(cell_), kind(kind_) {}
  std::optional<std::uint32_t> cell;  ///< of the tests that it was given; none: it is fresh
  std::optional<KindIndex> kind;      ///< of what the tests demand
  /// Asked for a process that is to take over from the one there. With it so many (0: none) share what others have.
  std::size_t anew = 0;
};

struct Partition {
  /// By item. Items with equal scope number, one after the other in one file, share their class (or module).
  std::vector<std::uint32_t> unit, scope;
  /// By unit: its items, in collection order. Units are numbered by their first item.
  std::vector<std::vector<ItemIndex>> units;
  /// By unit: never on two workers.
  std::vector<bool> sticky;
  /// By unit: its tests may go to two workers, where both have collected them. Sharded, such a unit is sticky all the
  /// same: to collect it again must pay.
  std::vector<bool> divisible;
  /// By item: tests share a process only with tests of their cell. 0: whatever is not isolated. Empty: all are 0.
  std::vector<std::uint32_t> cell;

  /// By item: what it demands (demand_kinds.h). Empty: nobody demands anything.
  std::vector<KindIndex> kind;

  std::uint32_t cell_of(ItemIndex item) const { return cell.empty() ? 0 : cell[item]; }
  KindIndex kind_of(ItemIndex item) const { return kind.empty() ? 0 : kind[item]; }
  bool fits(ItemIndex item, const Wanted& wanted) const {
    return (!wanted.cell || *wanted.cell == cell_of(item)) && (!wanted.kind || *wanted.kind == kind_of(item));
  }
};

/// Cuts `collection` as `options` (affinity, in_order, sharded) want it. Sharded: files, whatever the affinity. Where
/// tests may be taken out of their file, those that demand something are units of their own, so that nobody waits
/// behind them. Tests that are impossible are in no unit.
Partition partition(const Collection& collection, const SchedulerOptions& options, const DemandKinds& kinds = {});

/// The node id up to its last "::" outside of the parameters: the class, or the module of a plain function.
std::string_view scope_of(std::string_view node_id);

}  // namespace trun
