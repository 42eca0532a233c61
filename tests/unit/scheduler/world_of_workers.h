// WorldOfWorkers: what a simulated world (world.h) consists of: its workers, its time and chance, and the messages on
// their way, which take their time and do not overtake each other.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "scheduler/step.h"
#include "tests/unit/scheduler/agenda.h"
#include "tests/unit/scheduler/world_options.h"

namespace trun {

class WorldOfWorkers {
 protected:
  struct Worker {
    int life = 0;
    bool alive = false, finish = false, over = false, asked = false, end = false, busy = false, worn = false;
    std::function<void()> successor;  // takes over once the queue is empty
    unsigned low = 1;
    std::vector<FileIndex> files;
    std::deque<ItemIndex> queue;
    TimePoint began{};       // of the test at work
    Duration in{0}, out{0};  // when the last message arrives: they do not overtake each other
  };

  WorldOfWorkers(const Collection& collection, WorldOptions options, unsigned seed)
      : collection_(collection), options_(std::move(options)), dice_(seed), workers_(options_.scheduler.workers) {}
  virtual ~WorldOfWorkers() = default;

  /// Tells the scheduler.
  virtual void feed(const WorkerEvent& event) = 0;

  /// From a worker to the scheduler.
  void send(Slot slot, WorkerEvent event) {
    Duration& out = workers_[slot].out;
    out = std::max(out, agenda_.now() + dice_.up_to(options_.longest_latency));
    agenda_.at(out, [this, event = std::move(event)] { feed(event); });
  }
  /// From the scheduler to a worker, if it still lives then.
  void deliver(Slot slot, std::function<void()> act) {
    Worker& worker = workers_[slot];
    worker.in = std::max(worker.in, agenda_.now() + dice_.up_to(options_.longest_latency));
    agenda_.at(worker.in, [this, slot, life = worker.life, act = std::move(act)] {
      if (workers_[slot].alive && workers_[slot].life == life) act();
    });
  }

  /// A worker asks for more, if it is due.
  void ask(Slot slot) {
    Worker& worker = workers_[slot];
    if (worker.asked || worker.worn || worker.queue.size() > worker.low) return;
    worker.asked = true;
    send(slot, worker_event::NeedsWork{slot});
  }
  /// What a collection finds.
  std::vector<ItemIndex> find(const std::vector<FileIndex>& files, double loses) {
    std::vector<ItemIndex> found;
    for (const FileIndex file : files) {
      for (const ItemIndex item : collection_.files[file].items) {
        if (!dice_.chance(loses)) found.push_back(item);
      }
    }
    return found;
  }

  const Collection& collection_;
  const WorldOptions options_;
  Dice dice_;
  std::vector<Worker> workers_;
  Agenda agenda_;
};

}  // namespace trun
