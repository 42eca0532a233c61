#include "tests/allocations/check_allocations.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "tests/allocations/allocation_log.h"
#include "tests/allocations/overlaps.h"

namespace trun {
namespace {

using allocation::Capacities;
using allocation::Collected;
using allocation::Demand;
using allocation::Demands;
using allocation::kAllUnits;
using allocation::kTolerance;
using allocation::Line;
using allocation::Micros;
using allocation::Other;
using allocation::Overlap;
using allocation::Released;
using allocation::RunEnded;
using allocation::Share;
using allocation::Spell;
using allocation::Taken;
using allocation::TestEnded;
using allocation::Unreadable;
using allocation::WorkerEnded;

std::string quoted(const std::string& text) { return "'" + text + "'"; }

/// What happened so far, line by line.
class Book {
 public:
  explicit Book(AllocationCheck& check) : check_(check) {}

  void read(const Line& line) {
    line_ = line.number;
    if (line.at) {
      if (*line.at < now_) complain("time_backwards", "an event earlier than the one before it");
      now_ = std::max(now_, *line.at);
    }
    std::visit([this](const auto& event) { on(event); }, line.event);
  }

  void close() {
    ++line_;
    if (!over_) complain("truncated", "the log has no run_finished: the run was killed, or the log cut short");
    for (const auto& [id, hold] : open_) {
      complain("held_at_end", name(id) + " of " + hold.taken.worker + " was never released");
    }
    for (const Overlap& overlap : oversubscribed(spells_, capacity_)) {
      complain_at(overlap.line, "oversubscribed", overlap.what);
    }
    for (const Overlap& overlap : beside_serial(spells_)) complain_at(overlap.line, "serial_beside", overlap.what);
    std::stable_sort(check_.violations.begin(), check_.violations.end(),
                     [](const Violation& a, const Violation& b) { return a.line < b.line; });
  }

 private:
  struct Hold {
    Taken taken;
    Micros from = 0;
    std::optional<Micros> until;
    bool of_dead = false;
  };
  struct Unit {
    bool exclusive = false;
    std::set<std::uint64_t> holds;
  };

  void on(const Other&) {}
  void on(const Unreadable& e) {
    const bool cut = e.why == "it is cut short";
    complain(cut ? "truncated" : "unreadable", e.why);
  }
  void on(const RunEnded&) { over_ = true; }

  /// What it holds is held by what is left of it: its successor does not have it.
  void on(const WorkerEnded& e) {
    for (auto& [id, hold] : open_) hold.of_dead = hold.of_dead || hold.taken.worker == e.worker;
  }

  void on(const Capacities& e) {
    const std::map<std::string, std::uint64_t> said(e.of.begin(), e.of.end());
    if (began_ && said != capacity_) complain("capacity_changed", "a second run_started has other resources");
    if (!began_) capacity_ = said;
    began_ = true;
  }

  void on(const Collected& e) {
    items_.insert(e.items.begin(), e.items.end());
    for (const auto& [item, demands] : e.demands) demands_[item] = added_up(demands);
  }

  /// One demand a resource: what is had alone adds up, and can be read too.
  Demands added_up(const Demands& demands) const {
    std::map<std::string, Demand> sums;
    for (const Demand& demand : demands.resources) {
      const auto known = capacity_.find(demand.name);
      const std::uint64_t capacity = known == capacity_.end() ? 0 : known->second;
      Demand& sum = sums.try_emplace(demand.name, Demand{demand.name, 0, true}).first->second;
      if (demand.shared) continue;
      sum.shared = false;
      sum.amount = demand.amount == kAllUnits ? std::max(sum.amount, capacity) : sum.amount + demand.amount;
    }
    Demands all{{}, demands.serial};
    for (auto& [name, sum] : sums) {
      sum.amount = std::max<std::uint64_t>(1, sum.amount);
      all.resources.push_back(sum);
    }
    return all;
  }

  void on(const Taken& e) {
    ++check_.holds;
    if (!ids_.insert(e.hold).second) complain("taken_twice", name(e.hold) + " was taken before");
    for (const auto& [id, hold] : open_) {
      if (hold.taken.worker == e.worker && !hold.of_dead)
        complain("taken_twice", e.worker + " takes " + name(e.hold) + " while it has " + name(id));
      if (e.serial || hold.taken.serial)
        complain("serial_beside", name(e.hold) + " of " + quoted(e.test) + " is taken while " + name(id) + " of " +
                                      quoted(hold.taken.test) + " is held, and one of them is to be alone");
    }
    std::set<std::string> seen;
    for (const Share& share : e.shares) {
      if (!seen.insert(share.demand.name).second)
        complain("taken_twice", name(e.hold) + " names " + quoted(share.demand.name) + " twice");
      if (check_share(share)) take_units(e, share);
    }
    open_[e.hold] = {e, now_, std::nullopt, false};
  }

  /// Whether it can be counted at all.
  bool check_share(const Share& share) {
    const std::string resource = quoted(share.demand.name);
    const auto known = capacity_.find(share.demand.name);
    if (known == capacity_.end()) {
      complain("unknown_resource", resource + " is taken, and the run has no such resource");
      return false;
    }
    if (share.capacity != known->second)
      complain("capacity_changed", "there are " + std::to_string(share.capacity) + " of " + resource + " now, " +
                                       std::to_string(known->second) + " when the run began");
    if (share.units.size() != share.demand.amount ||
        std::set<std::uint64_t>(share.units.begin(), share.units.end()).size() != share.units.size())
      complain("wrong_units", std::to_string(share.demand.amount) + " of " + resource + " are not " +
                                  std::to_string(share.units.size()) + " units, each named once");
    for (const std::uint64_t unit : share.units) {
      if (unit >= known->second)
        complain("oversubscribed", resource + " has no unit " + std::to_string(unit) + ", only " +
                                       std::to_string(known->second) + " in all");
    }
    return true;
  }

  void take_units(const Taken& e, const Share& share) {
    for (const std::uint64_t number : share.units) {
      Unit& unit = units_[{share.demand.name, number}];
      if (unit.holds.count(e.hold)) continue;  // named twice
      const std::string which = "unit " + std::to_string(number) + " of " + quoted(share.demand.name);
      if (!unit.holds.empty() && !(share.demand.shared && !unit.exclusive)) {
        const bool mixed = share.demand.shared != !unit.exclusive;
        complain(mixed ? "writer_beside_reader" : "oversubscribed",
                 which + " goes to " + quoted(e.test) + " while " + name(*unit.holds.begin()) + " has it");
      }
      unit.exclusive = unit.exclusive || !share.demand.shared;
      unit.holds.insert(e.hold);
    }
  }

  void on(const Released& e) {
    const auto found = open_.find(e.hold);
    if (found == open_.end() || found->second.taken.worker != e.worker)
      return complain("released_without_take", e.worker + " releases " + name(e.hold) + ", which it does not have");
    Hold hold = std::move(found->second);
    open_.erase(found);
    for (const Share& share : hold.taken.shares) {
      for (const std::uint64_t number : share.units) {
        Unit& unit = units_[{share.demand.name, number}];
        unit.holds.erase(e.hold);
        if (unit.holds.empty()) unit.exclusive = false;
      }
    }
    hold.until = now_;
    last_[e.worker] = std::move(hold);
  }

  void on(const TestEnded& e) {
    ++check_.tests;
    if (!items_.count(e.test)) complain("unknown_test", quoted(e.test) + " was not collected");
    if (!verdicts_.insert({e.test, e.attempt}).second)
      complain("run_twice", quoted(e.test) + " has a second verdict on attempt " + std::to_string(e.attempt));
    if (!e.started) return;
    const auto demands = demands_.find(e.test);
    const Demands* wants = demands == demands_.end() ? nullptr : &demands->second;
    spells_.push_back({line_, e.test, e.worker, *e.started, *e.started + e.took, wants});
    if (wants) check_held(e, *wants);
  }

  void check_held(const TestEnded& e, const Demands& wants) {
    const Hold* hold = nullptr;
    for (const auto& [id, each] : open_) {
      if (each.taken.worker == e.worker) hold = &each;  // the latest: ids grow
    }
    const Micros end = *e.started + e.took;
    if (!hold) {
      const auto last = last_.find(e.worker);
      if (last == last_.end() || *last->second.until < *e.started)
        return complain("ran_without", quoted(e.test) + " ran on " + e.worker + ", which held nothing");
      hold = &last->second;
      if (*hold->until + kTolerance < end)
        complain("released_early", name(hold->taken.hold) + " was released before " + quoted(e.test) + " had ended");
    }
    if (hold->from > *e.started + kTolerance)
      complain("ran_without", quoted(e.test) + " began before " + name(hold->taken.hold) + " was taken");
    if (wants.serial && !hold->taken.serial)
      complain("ran_without", quoted(e.test) + " is to be alone, and " + name(hold->taken.hold) + " is not");
    for (const Demand& demand : wants.resources) {
      if (!holds(*hold, demand))
        complain("ran_without", quoted(e.test) + " ran without " + std::to_string(demand.amount) + " of " +
                                    quoted(demand.name) + (demand.shared ? ", shared" : ""));
    }
  }

  static bool holds(const Hold& hold, const Demand& demand) {
    return std::any_of(hold.taken.shares.begin(), hold.taken.shares.end(), [&](const Share& share) {
      return share.demand.name == demand.name && share.units.size() >= demand.amount &&
             (demand.shared || !share.demand.shared);
    });
  }

  static std::string name(std::uint64_t hold) { return "hold " + std::to_string(hold); }
  void complain(std::string kind, std::string what) { complain_at(line_, std::move(kind), std::move(what)); }
  void complain_at(std::size_t line, std::string kind, std::string what) {
    check_.violations.push_back({line, std::move(kind), std::move(what)});
  }

  AllocationCheck& check_;
  std::size_t line_ = 0;
  Micros now_ = 0;
  bool began_ = false, over_ = false;
  std::map<std::string, std::uint64_t> capacity_;
  std::set<std::string> items_;
  std::map<std::string, Demands> demands_;
  std::set<std::uint64_t> ids_;
  std::map<std::uint64_t, Hold> open_;
  std::map<std::string, Hold> last_;  ///< by worker: what it released last
  std::map<std::pair<std::string, std::uint64_t>, Unit> units_;
  std::set<std::pair<std::string, int>> verdicts_;
  std::vector<Spell> spells_;
};

}  // namespace

AllocationCheck check_allocations(std::string_view log) {
  AllocationCheck check;
  Book book(check);
  for (const Line& line : allocation::read_allocation_log(log)) book.read(line);
  book.close();
  return check;
}

}  // namespace trun
