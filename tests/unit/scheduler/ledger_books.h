// LedgerBooks: what the ledger (ledger.h) has written down of each worker and test, and the rules that it judges by:
// what stays together, what may share a process.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/demand_kinds.h"
#include "scheduler/scheduler.h"

namespace trun {

class LedgerBooks {
 public:
  /// Off where items get lost in collection, which breaks files apart.
  bool whole_units = true;
  /// On where nobody dies and no earlier run tells of the tests: a process that is through is given nothing more.
  bool ends_are_final = false;
  /// On where nobody dies: a process that is through is given nothing more of the file that it was in the middle of.
  bool ends_close_files = false;

  LedgerBooks(const Collection& collection, const SchedulerOptions& options)
      : collection_(collection),
        options_(options),
        kinds_(collection, options.resources),
        slots_(options.workers),
        verdicts_(collection.items.size()) {
    for (const TestFile& file : collection.files)
      whole_.push_back(std::any_of(file.items.begin(), file.items.end(),
                                   [&](ItemIndex item) { return wanted(item) == Isolation::file; }));
    plain_ = !options.sharded && kinds_.size() == 1;
    for (ItemIndex i = 0; i < verdicts_.size(); ++i) plain_ = plain_ && wanted(i) == Isolation::none;
  }

  const std::vector<std::string>& complaints() const { return complaints_; }
  void complain(std::string text) { complaints_.push_back(std::move(text)); }

 protected:
  struct Book {
    bool alive = true, ready = false, told = false, collecting = false;
    int life = 0;
    std::deque<ItemIndex> queue;
    std::set<ItemIndex> can_run, given;
    bool all = false, recycling = false;
    bool through = false;  ///< it was told of its last test, which tears down its session
  };
  using Holder = std::pair<Slot, int>;  // slot, life

  void dead(Slot slot) {
    slots_[slot].alive = slots_[slot].ready = slots_[slot].collecting = slots_[slot].recycling = false;
    slots_[slot].queue.clear();
  }
  // Nothing was lost by it: the slot's life goes on.
  void another_process(Slot slot) {
    Book& book = slots_[slot];
    book.collecting = book.recycling = book.all = false;
    book.can_run.clear();
    while (!book.queue.empty()) give_up_last(slot);
    book.given.clear();
    book.through = false;
  }
  // The last of the queue was not begun: of its unit the slot holds what it has run, and what is left in the queue.
  void give_up_last(Slot slot) {
    const ItemIndex item = slots_[slot].queue.back();
    slots_[slot].queue.pop_back();
    owners_.erase(item);
    const std::string unit = unit_of(item);
    holders_.erase(unit);
    last_.erase(unit);
    for (const auto& [other, holder] : owners_) {
      if (holder != Holder{slot, slots_[slot].life} || !is_sticky(other) || unit_of(other) != unit) continue;
      holders_[unit] = holder;
      last_[unit] = std::max(last_[unit], other);
    }
  }
  Isolation wanted(ItemIndex item) const {
    return collection_.items[item].demands.isolate.value_or(options_.isolation);
  }
  bool is_whole(FileIndex file) const { return whole_[file]; }
  Isolation isolation_of(ItemIndex item) const {
    if (wanted(item) == Isolation::test) return Isolation::test;
    return is_whole(collection_.items[item].file) ? Isolation::file : Isolation::none;
  }
  // What no process may be given together.
  void check_process(Book& book, ItemIndex item) {
    for (const ItemIndex other : book.given) {
      const Isolation a = isolation_of(item), b = isolation_of(other);
      const bool one_file = collection_.items[item].file == collection_.items[other].file;
      if (a == Isolation::test || b == Isolation::test) complain("an isolated test shares its process");
      if (!one_file && (a == Isolation::file || b == Isolation::file)) complain("an isolated file shares its process");
    }
    book.given.insert(item);
    if (options_.max_tests_per_worker > 0 && book.given.size() > options_.max_tests_per_worker)
      complain("a process was given more tests than it may run");
  }
  bool lives(Holder holder) const { return slots_[holder.first].alive && slots_[holder.first].life == holder.second; }
  bool owner_of(ItemIndex item) const {
    const auto at = owners_.find(item);
    return at != owners_.end() && lives(at->second);
  }
  static bool is_idle(const Book& book) {
    return book.ready && !book.told && !book.collecting && !book.recycling && book.queue.empty();
  }
  bool any_idle() const {
    return std::any_of(slots_.begin(), slots_.end(),
                       [&](const Book& book) { return is_idle(book) && !(plain_ && book.through); });
  }
  /// Whether another process is about to be there.
  bool is_awaited(Slot except) const {
    for (Slot slot = 0; slot < slots_.size(); ++slot) {
      const Book& book = slots_[slot];
      if (slot != except && ((book.alive && !book.ready) || book.recycling)) return true;
    }
    return false;
  }

  bool is_sticky(ItemIndex item) const {
    using Affinity = SchedulerOptions::Affinity;
    if (isolation_of(item) == Isolation::file || options_.in_order) return true;
    if (options_.sharded && kinds_.of(item) != 0) return true;
    if (options_.affinity == Affinity::item) return false;
    return options_.affinity != Affinity::group || !collection_.items[item].group.empty();
  }
  std::string unit_of(ItemIndex item) const {
    using Affinity = SchedulerOptions::Affinity;
    const TestItem& test = collection_.items[item];
    std::string file = collection_.files[test.file].path;
    const bool free =
        options_.affinity == Affinity::item || (options_.affinity == Affinity::group && test.group.empty());
    const bool apart = free && !options_.in_order && isolation_of(item) != Isolation::file;
    if (apart && kinds_.of(item) != 0) file += " of kind " + std::to_string(kinds_.of(item));
    if (options_.sharded || options_.in_order) return file;
    if (options_.affinity == Affinity::group) return test.group.empty() ? file : "@" + test.group;
    return options_.affinity == Affinity::scope && !is_whole(test.file) ? test.id.substr(0, test.id.rfind("::")) : file;
  }
  // One unit that stays together, one worker, in order; a dead worker's unit may go on elsewhere.
  void check_unit(Slot slot, ItemIndex item) {
    const std::string unit = unit_of(item);
    begun_.insert(unit);
    if (!is_sticky(item) || !whole_units) return;
    const auto [at, is_new] = holders_.try_emplace(unit, Holder{slot, slots_[slot].life});
    if (!is_new && at->second != Holder{slot, slots_[slot].life}) {
      if (lives(at->second)) complain("unit " + unit + " is split");
    } else if (!is_new && last_[unit] >= item) {
      complain("unit " + unit + " runs out of order");
    }
    at->second = {slot, slots_[slot].life};
    last_[unit] = item;
  }

  const Collection& collection_;
  const SchedulerOptions options_;
  const DemandKinds kinds_;
  bool plain_ = false;  ///< nobody demands anything or is isolated, and every process can run every test
  std::vector<Book> slots_;
  std::vector<int> verdicts_;
  std::vector<bool> whole_;
  std::size_t settled_ = 0;
  int stops_ = 0;
  std::map<ItemIndex, Holder> owners_;
  std::map<std::string, Holder> holders_;
  std::set<std::string> begun_;  // units
  std::map<std::string, ItemIndex> last_;
  std::set<FileIndex> collecting_;
  std::vector<std::string> complaints_;
};

}  // namespace trun
