// Questions: what workers ask the engine while they run user code (a fixture that wants a port, a service, a value that
// another worker has made), each kind answered by whoever has registered for it. An answer may come at once or much
// later; until then the worker waits and the loop goes on. It knows nothing of what is asked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runner/wire/worker_frames.h"

namespace trun {

struct WorkerProcess;

class Questions {
 public:
  /// Stands for one question; used up by its answer.
  using Ticket = std::uint64_t;
  /// Answers by the ticket, now or later. `args`: one JSON object, the worker's word for it.
  using Handler = std::function<void(Ticket ticket, WorkerProcess& worker, const JsonText& args)>;

  /// Questions called `name` go to `handler`. REQUIRES: nobody has registered for it.
  void on(std::string name, Handler handler);

  /// `worker` asks. A kind that nobody answers is refused at once.
  void ask(WorkerProcess& worker, const Question& question);

  /// Sends the answer, and copies of `fds` with it: a refusal where they cannot be copied. Nothing if the asker is
  /// gone.
  void answer(Ticket ticket, JsonText value, const std::vector<int>& fds = {});
  /// The asker raises an error with this text: what, and what to do next.
  void refuse(Ticket ticket, std::string why);

  /// `worker` has ended, or is about to be freed: its questions need no answer.
  void forget(const WorkerProcess& worker);

 private:
  struct Open {
    WorkerProcess* worker = nullptr;
    std::uint64_t id = 0;
  };

  void send(Ticket ticket, Answer answer, const std::vector<int>& fds);

  std::map<std::string, Handler, std::less<>> handlers_;
  std::map<Ticket, Open> open_;
  Ticket last_ = 0;
};

}  // namespace trun
