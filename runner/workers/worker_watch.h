// WorkerWatch: hears what worker processes say and print and notices their ends. It reads, and tells its observer; what
// follows from it is the engine's to decide.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/run_event.h"
#include "runner/kernel/event_loop.h"
#include "runner/wire/worker_frames.h"
#include "runner/workers/worker_process.h"

namespace trun {

class WorkerObserver {
 public:
  virtual ~WorkerObserver() = default;

  virtual void on_frame(WorkerProcess& worker, FromWorker& frame) = 0;
  /// All frames that had arrived were given out.
  virtual void on_heard(WorkerProcess& worker) = 0;
  /// A whole line of the worker's real stdout or stderr.
  virtual void on_line(WorkerProcess& worker, event::OutputLine::Stream stream, std::string_view line) = 0;
  /// It is dead, reaped, and all that it said has been given out.
  virtual void on_exit(WorkerProcess& worker) = 0;
};

class WorkerWatch {
 public:
  /// Both must outlive it.
  WorkerWatch(EventLoop& loop, WorkerObserver& observer) : loop_(loop), observer_(observer) {}

  /// From now until its end. `worker` must live until then.
  void add(WorkerProcess& worker);
  /// It is mute or speaks nonsense: kills it with its group, and listens to it no more. Its end comes by on_exit.
  void lose(WorkerProcess& worker, const std::string& why);
  /// While `held`, nothing is read of what workers print: they wait in their writes, as under a pytest whose reader is
  /// slow.
  void hold_output(const std::vector<std::unique_ptr<WorkerProcess>>& workers, bool held);
  bool holds_output() const { return held_; }
  /// Loses workers that have closed their channel long ago and live on. Called on every tick.
  void lose_if_mute(WorkerProcess& worker);

 private:
  void watch_output(WorkerProcess& worker);
  void heard(WorkerProcess& worker);
  void printed(WorkerProcess& worker, LinePipe& pipe, event::OutputLine::Stream stream);
  void died(WorkerProcess& worker);

  EventLoop& loop_;
  WorkerObserver& observer_;
  bool held_ = false;
};

}  // namespace trun
