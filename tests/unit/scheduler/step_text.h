// A Step as text, so that tests compare whole values: "3 crashed | gw0 runs 4 5 end | gw1 collects 2 | start gw0 |
// recycle gw2 | gw2 is worn by tests | finish gw1 | stop | stopped: reason". Assign's `low` is left out where it is 1.
#pragma once

#include <string>

#include "scheduler/scheduler.h"

namespace trun {

struct StepText {
  std::string text;

  void word(const std::string& part) { text.append(text.empty() ? "" : " | ").append(part); }
  template <typename Numbers>
  static std::string list(const Numbers& numbers) {
    std::string out;
    for (const auto number : numbers) out.append(" ").append(std::to_string(number));
    return out;
  }

  /// " gpu#0#1 read:db#0".
  static std::string list_of(const std::vector<event::HeldResource>& resources) {
    std::string text;
    for (const auto& held : resources) {
      text += (held.shared ? " read:" : " ") + held.name;
      for (const unsigned unit : held.units) text += "#" + std::to_string(unit);
    }
    return text;
  }

  void operator()(const action::Assign& a) {
    word(worker_name(a.slot) + " runs" + list(a.items) + (a.end ? " end" : "") +
         (a.low > 1 ? " low " + std::to_string(a.low) : "") + (a.next ? " next " + std::to_string(*a.next) : "") +
         (a.resources.empty() ? "" : " with" + list_of(a.resources)));
  }
  void operator()(const action::CollectFiles& a) { word(worker_name(a.slot) + " collects" + list(a.files)); }
  void operator()(const action::Recycle& a) { word("recycle " + worker_name(a.slot) + list(a.files)); }
  void operator()(const action::StartWorker& a) { word("start " + worker_name(a.slot) + list(a.files)); }
  void operator()(const action::FinishWorker& a) { word("finish " + worker_name(a.slot)); }
  void operator()(const action::StopAll&) { word("stop"); }
  void operator()(const event::TestFinished& e) {
    word(std::to_string(e.result.item) + " " + std::string(outcome_name(e.result.outcome)));
  }
  void operator()(const event::WorkerRecycled& e) {
    static constexpr const char* kCauses[] = {"tests", "isolation", "memory", "leak", "order"};
    word(worker_name(e.slot) + " is worn by " + kCauses[static_cast<int>(e.cause)]);
  }
  void operator()(const event::ResourcesTaken& e) {
    word(worker_name(e.slot) + " takes" + list_of(e.resources) + (e.serial ? " alone" : ""));
  }
  void operator()(const event::ResourcesReleased& e) { word(worker_name(e.slot) + " releases"); }
  void operator()(const event::RunStopped& e) { word("stopped: " + e.reason); }
  template <typename Other>
  void operator()(const Other&) {
    word("an event that is not the scheduler's");
  }
};

inline std::string text_of(const Step& step) {
  StepText text;
  for (const RunEvent& event : step.events) std::visit(text, event);
  for (const Action& action : step.actions) std::visit(text, action);
  return text.text;
}

/// A scheduler over a collection of its own that takes events and answers in text.
class Told {
 public:
  Told(Collection collection, SchedulerOptions options)
      : collection_(std::move(collection)), scheduler_(collection_, std::move(options)) {}

  std::string operator()(const WorkerEvent& event) {
    step_ = scheduler_.handle(event, now_);
    return text_of(step_);
  }
  void wait(Duration time) { now_ += time; }
  /// All items are the worker's to run.
  std::string ready(Slot slot) { return (*this)(worker_event::Ready{slot, {}, true}); }
  std::string ready(Slot slot, std::vector<ItemIndex> items) {
    return (*this)(worker_event::Ready{slot, items, false});
  }
  std::string collected(Slot slot, std::vector<ItemIndex> items) {
    return (*this)(worker_event::Collected{slot, items});
  }
  std::string gives_back(Slot slot, std::size_t keep) {
    return (*this)(worker_event::GaveBack{slot, keep, event::WorkerRecycled::Cause::memory, {}});
  }
  std::string needs(Slot slot) { return (*this)(worker_event::NeedsWork{slot}); }
  std::string passes(Slot slot, ItemIndex item, Duration took = std::chrono::milliseconds(1),
                     Duration setup = Duration{0}) {
    TestResult result;
    result.item = item;
    result.slot = slot;
    result.outcome = outcome::Passed{};
    result.setup = setup;
    result.call = took - setup;
    return (*this)(worker_event::Finished{slot, result});
  }
  std::string dies(Slot slot, std::optional<ItemIndex> current = std::nullopt, bool lingers = false) {
    return (*this)(worker_event::Exited{slot,
                                        current,
                                        outcome::Crashed{11, Phase::call},
                                        TimePoint(std::chrono::seconds(8)),
                                        "last words",
                                        {},
                                        {},
                                        lingers});
  }
  std::string swept(Slot slot) { return (*this)(worker_event::Swept{slot}); }

  const Scheduler& scheduler() const { return scheduler_; }
  const Step& step() const { return step_; }

 private:
  const Collection collection_;
  Scheduler scheduler_;
  TimePoint now_{std::chrono::seconds(10)};
  Step step_;
};

}  // namespace trun
