// WorkPart: tests of one unit (a file, class or group) that no worker has been given yet, in the order in which they
// are to run. Partition: the cut of a collection into units. What a part may do: be run down from the front, be split
// at the back. Who holds it is the pool's business (work_pool.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "runner/base/test_item.h"
#include "scheduler/scheduler.h"

namespace trun {

struct WorkPart {
  std::uint32_t unit = 0;
  std::vector<ItemIndex> items;
  std::size_t next = 0;  ///< items before it were given out
  bool sticky = false;   ///< one worker runs all of it
  bool pinned = false;   ///< some of it was given out, or no other worker could collect it: not to be moved
  double cost = 0;       ///< sum of Estimates::weight, as of when it was last looked at

  std::size_t size() const { return items.size() - next; }
  bool empty() const { return next == items.size(); }
  ItemIndex front() const { return items[next]; }
};

struct Partition {
  /// By item. Items with equal scope number, one after the other in one file, share their class (or module).
  std::vector<std::uint32_t> unit, scope;
  /// By unit: its items, in collection order. Units are numbered by their first item.
  std::vector<std::vector<ItemIndex>> units;
  /// By unit: never on two workers.
  std::vector<bool> sticky;
  /// By item: tests share a process only with tests of their cell. 0: whatever is not isolated. Empty: all are 0.
  std::vector<std::uint32_t> cell;

  std::uint32_t cell_of(ItemIndex item) const { return cell.empty() ? 0 : cell[item]; }
  /// Whether a process that was given tests of `given` (none: it is fresh) may run `item`.
  bool fits(ItemIndex item, std::optional<std::uint32_t> given) const { return !given || *given == cell_of(item); }
};

/// Cuts `collection` as `options` (affinity, in_order, sharded) want it. Sharded: files, whatever the affinity.
Partition partition(const Collection& collection, const SchedulerOptions& options);

/// The node id up to its last "::" outside of the parameters: the class, or the module of a plain function.
std::string_view scope_of(std::string_view node_id);

}  // namespace trun
