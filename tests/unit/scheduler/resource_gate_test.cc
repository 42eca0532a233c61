// The gate by examples, then by properties: workers on simulated time that die now and then, with processes that
// linger, and a book of its own of what is held.
#include "scheduler/resource_gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "tests/unit/scheduler/agenda.h"
#include "tests/unit/scheduler/demands.h"

namespace trun {
namespace {

using Candidates = std::vector<Candidate>;
/// The kind of what was chosen; -1: nothing.
int kind(const std::optional<Candidate>& candidate) { return candidate ? static_cast<int>(candidate->kind) : -1; }

const ResourceGate::IsThere kThere = [](WaitingLine::Place) { return true; };

std::string text_of(const std::vector<RunEvent>& changes) {
  std::string text;
  for (const RunEvent& change : changes) {
    if (const auto* taken = std::get_if<event::ResourcesTaken>(&change)) {
      text += worker_name(taken->slot) + " takes " + std::to_string(taken->hold) + " for " +
              std::to_string(taken->item) + (taken->serial ? " alone" : "");
      for (const auto& held : taken->resources) {
        text += (held.shared ? " read:" : " ") + held.name;
        for (const unsigned unit : held.units) text += "#" + std::to_string(unit);
        text += "/" + std::to_string(held.capacity);
      }
    } else {
      const auto& released = std::get<event::ResourcesReleased>(change);
      text += worker_name(released.slot) + " releases " + std::to_string(released.hold);
    }
    text += "; ";
  }
  return text;
}

TEST(ResourceGateTest, TakesAndReleasesWithNumbers) {
  const DemandKinds kinds(demanding({"gpu read:db", "gpu"}), {{"db", 1}, {"gpu", 2}});
  ResourceGate gate(kinds, 2);
  EXPECT_EQ(kind(gate.choose(0, {{1, true}}, false, kThere)), 1);
  gate.take(0, {1, true}, 0);
  EXPECT_EQ(kind(gate.choose(1, {{2, true}}, false, kThere)), 2);
  gate.take(1, {2, true}, 1);
  EXPECT_EQ(gate.held(1).front().units, std::vector<unsigned>{1});
  EXPECT_EQ(text_of(gate.changes()), "gw0 takes 1 for 0 read:db#0/1 gpu#0/2; gw1 takes 2 for 1 gpu#1/2; ");
  gate.release(0);
  gate.release(0);
  EXPECT_EQ(text_of(gate.changes()), "gw0 releases 1; ");
  EXPECT_FALSE(gate.nothing_held());
}

TEST(ResourceGateTest, WhatCannotBeHadMakesWayForWhatDemandsNothing) {
  const DemandKinds kinds(demanding({"gpu"}), {{"gpu", 1}});
  ResourceGate gate(kinds, 3);
  gate.take(0, {1, false}, 0);
  EXPECT_EQ(kind(gate.choose(1, {{1, false}, {0, false}}, false, kThere)), 0);
  EXPECT_EQ(kind(gate.choose(2, {{1, false}}, false, kThere)), -1);
  gate.release(0);
  // What demands something comes first: the rest can be run at any time.
  EXPECT_EQ(kind(gate.choose(1, {{0, false}, {1, false}}, false, kThere)), 1);
}

TEST(ResourceGateTest, WaitsLongestGoesFirst) {
  const DemandKinds kinds(demanding({"gpu:2", "gpu"}), {{"gpu", 2}});
  ResourceGate gate(kinds, 2);
  gate.take(0, {2, true}, 1);
  EXPECT_EQ(kind(gate.choose(1, {{1, true}}, false, kThere)), -1);
  gate.release(0);
  EXPECT_EQ(kind(gate.choose(1, {{2, true}, {1, true}}, false, kThere)), 1);
}

TEST(ResourceGateTest, TheDeadHoldUntilNothingOfThemIsLeft) {
  const DemandKinds kinds(demanding({"gpu"}), {{"gpu", 1}});
  ResourceGate gate(kinds, 2);
  gate.take(0, {1, false}, 0);
  gate.lost(0, true);
  EXPECT_FALSE(gate.holds(0));
  EXPECT_EQ(kind(gate.choose(1, {{1, false}}, false, kThere)), -1);
  gate.swept(0);
  EXPECT_EQ(kind(gate.choose(1, {{1, false}}, false, kThere)), 1);
  EXPECT_EQ(text_of(gate.changes()), "gw0 takes 1 for 0 gpu#0/1; gw0 releases 1; ");
}

TEST(ResourceGateTest, WhatRunsAloneComesLastAndClosesTheGate) {
  const DemandKinds kinds(demanding({"serial", "gpu"}), {{"gpu", 1}});
  ResourceGate gate(kinds, 2);
  EXPECT_EQ(kind(gate.choose(0, {{1, true}, {0, true}}, true, kThere)), 0);
  EXPECT_EQ(kind(gate.choose(0, {{1, true}}, false, kThere)), -1);
  gate.take(1, {2, true}, 1);
  EXPECT_EQ(kind(gate.choose(0, {{1, true}}, true, kThere)), -1);
  gate.release(1);
  EXPECT_EQ(kind(gate.choose(0, {{1, true}}, true, kThere)), 1);
  gate.take(0, {1, true}, 0);
  EXPECT_TRUE(gate.closed_to(1));
  EXPECT_FALSE(gate.closed_to(0));
  EXPECT_EQ(kind(gate.choose(1, {{0, true}, {2, true}}, false, kThere)), -1);
  gate.lost(0, true);
  EXPECT_TRUE(gate.closed_to(0));
  gate.swept(0);
  EXPECT_FALSE(gate.closed_to(1));
}

TEST(ResourceGateTest, OneGivesWayForOneUnit) {
  const DemandKinds kinds(demanding({"gpu"}), {{"gpu", 1}});
  ResourceGate gate(kinds, 3);
  const Candidates both = {{0, false}, {1, false}};
  EXPECT_EQ(kind(gate.gives_way(0, both, kThere)), 1);
  EXPECT_EQ(kind(gate.gives_way(1, both, kThere)), -1);
  // It has become idle and is at something else: the promise is void.
  gate.take(2, {1, false}, 0);
  EXPECT_EQ(kind(gate.choose(0, both, false, kThere)), 0);
  gate.release(2);
  EXPECT_EQ(kind(gate.gives_way(1, both, kThere)), 1);
}

// ---- properties

/// Runs of tests, each at a slot or anywhere, that idle workers take by the gate's word.
class Story {
 public:
  explicit Story(unsigned seed) : dice_(seed), slots_(dice_.from(1, 6)) {
    const unsigned resources = dice_.from(1, 4);
    for (unsigned r = 0; r < resources; ++r)
      capacities_.emplace_back(std::string(1, static_cast<char>('a' + r)), dice_.from(1, 4));
    const unsigned runs = dice_.from(1, 60), different = dice_.from(1, 8);
    std::vector<std::string> palette, texts;
    for (unsigned i = 0; i < different; ++i) palette.push_back(random_demand());
    for (unsigned i = 0; i < runs; ++i) texts.push_back(palette[dice_.from(0, different - 1)]);
    collection_ = demanding(texts);
    kinds_.emplace(collection_, capacities_);
    gate_.emplace(*kinds_, slots_);
    for (ItemIndex i = 0; i < runs; ++i) waiting_.push_back({i, dice_.one_in(2) ? dice_.from(0, slots_ - 1) : slots_});
    deadly_ = dice_.one_in(2) ? 0.1 : 0;
  }

  void run() {
    for (Slot slot = 0; slot < slots_; ++slot) agenda_.at(dice_.up_to(kTick), [this, slot] { idle(slot); });
    for (unsigned steps = 0; !agenda_.empty() && complaint_.empty(); ++steps) {
      if (steps > 100'000) return complain("it does not end");
      agenda_.next();
    }
    if (complaint_.empty() && !waiting_.empty()) complain("left: " + std::to_string(waiting_.size()) + " runs");
    if (complaint_.empty() && !gate_->nothing_held()) complain("held at the end");
    if (complaint_.empty() && !holds_.empty()) complain("not all was released");
  }

  std::string complaint() const { return complaint_; }
  unsigned deaths = 0, waits = 0, most_overtakes = 0;

 private:
  static constexpr Duration kTick = std::chrono::milliseconds(1);
  struct Run {
    ItemIndex item;
    Slot slot;  // slots_: anywhere
    bool operator==(const Run& other) const { return item == other.item; }
  };
  struct Wait {
    std::uint64_t since = 0;
    unsigned overtaken = 0;
  };

  std::string random_demand() {
    std::string text;
    for (const auto& [name, capacity] : capacities_) {
      if (dice_.one_in(2)) continue;
      const unsigned mode = dice_.from(0, 2);
      text += mode == 0   ? "read:" + name + " "
              : mode == 1 ? "write:" + name + " "
                          : name + ":" + std::to_string(dice_.from(1, capacity)) + " ";
    }
    return text + (dice_.one_in(10) ? "serial" : "");
  }

  KindIndex kind(const Run& run) const { return kinds_->of(run.item); }
  bool fits(const Run& run, Slot slot) const { return run.slot == slot || run.slot == slots_; }

  void idle(Slot slot) {
    idle_.insert(slot);
    // Whatever changes may be news to everybody.
    const std::set<Slot> all = idle_;
    for (const Slot each : all) {
      if (idle_.count(each)) begin(each);
    }
  }

  void begin(Slot slot) {
    Candidates candidates;
    for (const Run& run : waiting_) {
      const Candidate candidate{kind(run), run.slot == slot};
      const bool seen = std::find(candidates.begin(), candidates.end(), candidate) != candidates.end();
      if (fits(run, slot) && !seen) candidates.push_back(candidate);
    }
    const bool alone = idle_.size() + lost_.size() == slots_;
    const ResourceGate::IsThere is_there = [this](WaitingLine::Place place) {
      return std::any_of(waiting_.begin(), waiting_.end(),
                         [&](const Run& run) { return kind(run) == place.kind && run.slot == place.slot; });
    };
    const auto chosen = gate_->choose(slot, candidates, alone, is_there);
    if (!alone_) note_waits(slot, candidates);
    if (!chosen) return;
    const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const Run& run) {
      return kind(run) == chosen->kind && run.slot == (chosen->own ? slot : slots_);
    });
    if (found == waiting_.end()) return complain("chose what is not there");
    const Run run = *found;
    waiting_.erase(found);
    idle_.erase(slot);
    if (chosen->kind != 0) {
      note_start(run);
      gate_->take(slot, *chosen, run.item);
    } else if (alone_) {
      complain("a plain run beside one that is alone");
    }
    follow();
    working_.insert(slot);
    const bool dies = dice_.chance(deadly_);
    agenda_.at(agenda_.now() + dice_.up_to(20 * kTick), [this, slot, dies] { dies ? die(slot) : end(slot); });
  }

  void end(Slot slot) {
    working_.erase(slot);
    gate_->release(slot);
    follow();
    idle(slot);
  }

  void die(Slot slot) {
    ++deaths;
    working_.erase(slot);
    lost_.insert(slot);
    const bool lingers = dice_.one_in(2);
    gate_->lost(slot, lingers);
    follow();
    agenda_.at(agenda_.now() + dice_.up_to(5 * kTick), [this, slot] {
      gate_->swept(slot);
      follow();
      lost_.erase(slot);
      idle(slot);
    });
  }

  // A place waits from the first time that the book says that it cannot be had, or may not be.
  void note_waits(Slot slot, const Candidates& candidates) {
    for (const Candidate& candidate : candidates) {
      if (candidate.kind == 0 || (*kinds_)[candidate.kind].serial) continue;
      if (available(candidate.kind) && !in_the_way(candidate.kind)) continue;
      const auto [entry, fresh] = waits_.try_emplace({candidate.kind, candidate.own ? slot : slots_});
      if (!fresh) continue;
      entry->second.since = ++clock_;
      ++waits;
    }
  }

  bool in_the_way(KindIndex kind) const {
    return std::any_of(waits_.begin(), waits_.end(), [&](const auto& entry) {
      return entry.second.overtaken >= WaitingLine::kMostOvertakes &&
             (*kinds_)[kind].competes_with((*kinds_)[entry.first.first]);
    });
  }

  void note_start(const Run& run) {
    const std::pair<KindIndex, Slot> place{kind(run), run.slot};
    const auto mine = waits_.find(place);
    const std::uint64_t since = mine == waits_.end() ? ++clock_ : mine->second.since;
    waits_.erase(place);
    if ((*kinds_)[place.first].serial) return;
    for (auto& [other, wait] : waits_) {
      if (wait.since > since || !(*kinds_)[place.first].competes_with((*kinds_)[other.first])) continue;
      const bool there = std::any_of(waiting_.begin(), waiting_.end(), [&, at = other](const Run& each) {
        return kind(each) == at.first && each.slot == at.second;
      });
      if (!there) continue;
      most_overtakes = std::max(most_overtakes, ++wait.overtaken);
      if (wait.overtaken > WaitingLine::kMostOvertakes) complain("overtaken too often");
    }
  }

  bool available(KindIndex kind) const {
    for (const auto& need : (*kinds_)[kind].needs) {
      const auto& [name, capacity] = capacities_[need.resource];
      unsigned free = 0;
      bool read = false;
      for (unsigned unit = 0; unit < capacity; ++unit) {
        const auto found = units_.find({name, unit});
        free += found == units_.end() || found->second.empty();
        read = read || (found != units_.end() && found->second.count(true));
      }
      if (need.shared ? !read && free == 0 : free < need.units) return false;
    }
    return true;
  }

  // What the gate says that it did, into the book.
  void follow() {
    for (const RunEvent& change : gate_->changes()) {
      if (const auto* taken = std::get_if<event::ResourcesTaken>(&change)) {
        if (alone_) complain("something is taken beside what is alone");
        if (taken->serial && (!holds_.empty() || !working_.empty())) complain("alone beside others");
        if (taken->serial) alone_ = taken->hold;
        for (const auto& held : taken->resources) {
          for (const unsigned unit : held.units) {
            auto& holders = units_[{held.name, unit}];
            if (unit >= held.capacity) complain("a unit that does not exist");
            if (!holders.empty() && !(held.shared && !holders.count(false))) complain("oversubscribed");
            holders.insert(held.shared);
          }
        }
        holds_[taken->hold] = *taken;
        continue;
      }
      const auto& released = std::get<event::ResourcesReleased>(change);
      const auto found = holds_.find(released.hold);
      if (found == holds_.end()) return complain("released what nobody has");
      for (const auto& held : found->second.resources) {
        for (const unsigned unit : held.units) {
          auto& holders = units_[{held.name, unit}];
          holders.erase(holders.find(held.shared));
        }
      }
      if (alone_ == released.hold) alone_.reset();
      holds_.erase(found);
    }
  }

  void complain(const std::string& text) {
    if (complaint_.empty()) complaint_ = text;
  }

  Dice dice_;
  const unsigned slots_;
  double deadly_ = 0;
  Capacities capacities_;
  Collection collection_;
  std::optional<DemandKinds> kinds_;
  std::optional<ResourceGate> gate_;
  Agenda agenda_;
  std::deque<Run> waiting_;
  std::set<Slot> idle_, working_, lost_;
  std::map<std::pair<KindIndex, Slot>, Wait> waits_;
  std::uint64_t clock_ = 0;
  std::map<std::uint64_t, event::ResourcesTaken> holds_;
  std::map<std::pair<std::string, unsigned>, std::multiset<bool>> units_;  // how each holder holds it
  std::optional<std::uint64_t> alone_;
  std::string complaint_;
};

TEST(ResourceGateProperties, NothingIsOversubscribedAndNobodyWaitsForEver) {
  unsigned deaths = 0, waits = 0, most = 0;
  for (unsigned seed = 1; seed <= 5000 && !HasFailure(); ++seed) {
    Story story(seed);
    story.run();
    EXPECT_EQ(story.complaint(), "") << "seed " << seed;
    deaths += story.deaths;
    waits += story.waits;
    most = std::max(most, story.most_overtakes);
  }
  EXPECT_GT(deaths, 1000u);
  EXPECT_GT(waits, 10'000u);
  // The bound is reached, so the stories test it.
  EXPECT_EQ(most, WaitingLine::kMostOvertakes);
}

}  // namespace
}  // namespace trun
