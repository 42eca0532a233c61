// World: simulated workers on simulated time that do what the wire's document says, slowly, late, and sometimes not at
// all: they die before, between and under tests, wear out, stop their session, do not find files again. One seed, one
// story.
#pragma once

#include "tests/unit/scheduler/collections.h"
#include "tests/unit/scheduler/ledger.h"
#include "tests/unit/scheduler/world_of_workers.h"

namespace trun {

class World : private WorldOfWorkers {
 public:
  World(const Collection& collection, WorldOptions options, unsigned seed)
      : WorldOfWorkers(collection, std::move(options), seed),
        ledger(collection, options_.scheduler),
        scheduler_(collection, options_.scheduler) {
    ledger.whole_units = options_.loses_items == 0;
    for (FileIndex f = 0; f < options_.owners.size(); ++f) {
      workers_[options_.owners[f]].files.push_back(f);
      if (!collection.files[f].items.empty()) first_owner_[f] = options_.owners[f];
    }
  }

  /// Plays until done, or until nothing happens any more.
  void run() {
    for (Slot slot = 0; slot < workers_.size(); ++slot) start(slot);
    if (options_.stop_at)
      agenda_.at(*options_.stop_at, [this] { feed(worker_event::StopRequested{"KeyboardInterrupt"}); });
    for (std::size_t steps = 0; !scheduler_.done(); ++steps) {
      if (agenda_.empty() || steps > 200'000) return ledger.complain("the run does not end");
      agenda_.next();
    }
    ledger.close(scheduler_.not_started(), scheduler_.stopped());
    finished_at = agenda_.now();
    // What still is to come, exits above all, must change nothing.
    while (!agenda_.empty()) agenda_.next();
  }

  Ledger ledger;
  Duration finished_at{0};
  std::vector<RunEvent> events;                                                      ///< all of them
  std::vector<ItemIndex> verdicts;                                                   ///< in the order of their events
  std::map<std::pair<Slot, int>, std::vector<ItemIndex>> assigned;                   ///< by process, in order
  int restarts = 0, collects = 0, recycles = 0, worn = 0, crashes = 0, not_run = 0;  ///< how often it came to it

 private:
  void feed(const WorkerEvent& event) override {
    ledger.fed(event);
    if (const auto* exit = std::get_if<worker_event::Exited>(&event))
      events.push_back(event::WorkerExited{exit->slot, 0, "exit 0", 0, {}, TimePoint(agenda_.now())});
    const bool was_done = scheduler_.done();
    const Step step = scheduler_.handle(event, TimePoint(agenda_.now()));
    ledger.took(step);
    events.insert(events.end(), step.events.begin(), step.events.end());
    for (const RunEvent& e : step.events) {
      if (const auto* test = std::get_if<event::TestFinished>(&e)) {
        verdicts.push_back(test->result.item);
        not_run += std::holds_alternative<outcome::NotRun>(test->result.outcome);
      }
    }
    for (const Action& action : step.actions) {
      // A session may still say why it stopped; nothing else follows the end.
      if (was_done && !std::holds_alternative<action::StopAll>(action)) ledger.complain("an action after the end");
      std::visit([this](const auto& a) { perform(a); }, action);
    }
    if (options_.check_idle && options_.scheduler.sharded) ledger.nobody_idles_beside(4, first_owner_);
    if (options_.check_idle && !options_.scheduler.sharded) ledger.nobody_idles();
  }
  void perform(const action::Assign& a) {
    for (const ItemIndex item : a.items) assigned[{a.slot, workers_[a.slot].life}].push_back(item);
    deliver(a.slot, [this, a] {
      Worker& worker = workers_[a.slot];
      if (worker.worn) return;
      worker.queue.insert(worker.queue.end(), a.items.begin(), a.items.end());
      worker.low = a.low;
      worker.end = a.end;
      worker.asked = false;
      go_on(a.slot);
    });
  }
  void perform(const action::CollectFiles& a) {
    ++collects;
    change(a.slot, [this, a] {
      send(a.slot, worker_event::Collected{a.slot, find(a.files, options_.loses_items)});
      fresh(a.slot);
    });
  }
  void perform(const action::Recycle& a) {
    ++recycles;
    change(a.slot, [this, a] {
      workers_[a.slot].files = a.files;
      start(a.slot);
    });
  }
  // Another process is to take over: the queue is closed.
  void change(Slot slot, std::function<void()> successor) {
    deliver(slot, [this, slot, successor = std::move(successor)] {
      workers_[slot].end = true;
      workers_[slot].successor = successor;
      go_on(slot);
    });
  }
  void fresh(Slot slot) {
    Worker& worker = workers_[slot];
    worker.successor = nullptr;
    worker.asked = worker.end = worker.worn = false;
    go_on(slot);
  }
  void perform(const action::StartWorker& a) {
    ++restarts;
    if (dice_.chance(options_.unavailable)) return send(a.slot, worker_event::WorkerUnavailable{a.slot, "no server"});
    workers_[a.slot].files = a.files;
    start(a.slot);
  }
  void perform(const action::FinishWorker& a) {
    deliver(a.slot, [this, a] {
      workers_[a.slot].finish = true;
      go_on(a.slot);
    });
  }
  void perform(const action::StopAll&) { stop_ = true; }

  void start(Slot slot) {
    Worker& old = workers_[slot];
    Worker worker;
    worker.life = old.life + 1;
    worker.alive = true;
    worker.in = worker.out = std::max(old.out, agenda_.now());
    worker.files = old.files;
    const bool first = worker.life == 1;
    old = worker;
    deliver(slot, [this, slot, first, began = agenda_.now()] {
      if (dice_.chance(options_.dies_early)) return die(slot, std::nullopt);
      worker_event::Ready ready{slot, {}, !options_.scheduler.sharded, agenda_.now() - began};
      // What the first collection did not find is not in the collection at all.
      if (!ready.all) ready.items = find(workers_[slot].files, first ? 0 : options_.loses_items);
      send(slot, ready);
    });
  }
  void die(Slot slot, std::optional<ItemIndex> current) {
    workers_[slot].alive = false;
    crashes += current.has_value();
    const bool lingers = dice_.chance(options_.lingers);
    send(slot, worker_event::Exited{
                   slot, current, outcome::Crashed{11, Phase::call}, workers_[slot].began, {}, {}, {}, lingers});
    if (!lingers) return;
    agenda_.at(workers_[slot].out + dice_.up_to(std::chrono::milliseconds(20)),
               [this, slot] { feed(worker_event::Swept{slot}); });
  }
  // The worker's main loop, wherever it may have waited.
  void go_on(Slot slot) {
    Worker& worker = workers_[slot];
    if (!worker.alive || worker.busy) return;
    if (worker.finish && (stop_ || worker.over || worker.queue.empty())) return die(slot, std::nullopt);
    if (stop_ || worker.over) return;
    if (worker.successor && worker.queue.empty()) {
      if (dice_.chance(options_.dies_between)) return die(slot, std::nullopt);
      return std::exchange(worker.successor, nullptr)();
    }
    if (worker.queue.empty() || (worker.queue.size() == 1 && !worker.end)) return;
    if (dice_.chance(options_.dies_between)) return die(slot, std::nullopt);
    worker.busy = true;
    worker.began = TimePoint(agenda_.now());
    const ItemIndex item = worker.queue.front();
    if (++begun_[item] > 1) ledger.complain("item " + std::to_string(item) + " ran twice");
    const bool dies = dice_.chance(options_.dies_under_test);
    agenda_.at(agenda_.now() + options_.durations[item], [this, slot, item, dies] { end_test(slot, item, dies); });
  }
  void end_test(Slot slot, ItemIndex item, bool dies) {
    Worker& worker = workers_[slot];
    if (dies) return die(slot, item);
    worker.busy = false;
    worker.queue.pop_front();
    TestResult result = dice_.chance(options_.fails) ? failed(item, slot) : passed(item, slot);
    result.started = worker.began;
    result.call = options_.durations[item];
    send(slot, worker_event::Finished{slot, result});
    if (dice_.chance(options_.stops_session)) {
      worker.over = true;
      send(slot, worker_event::SessionStopped{slot, "pytest.exit"});
    }
    if (!worker.over && !worker.worn && dice_.chance(options_.wears_out)) wear_out(slot);
    if (!worker.over) ask(slot);  // as the worker does: only once it has run something
    go_on(slot);
  }
  void wear_out(Slot slot) {
    Worker& worker = workers_[slot];
    ++worn;
    worker.worn = worker.end = true;
    worker.queue.resize(std::min<std::size_t>(worker.queue.size(), 1));
    send(slot, worker_event::GaveBack{slot, worker.queue.size(), event::WorkerRecycled::Cause::memory, {}});
  }
  Scheduler scheduler_;
  std::map<FileIndex, Slot> first_owner_;
  std::map<ItemIndex, int> begun_;
  bool stop_ = false;
};

}  // namespace trun
