// OnceFixtures: session fixtures that are executed once for all workers ([fixtures] once). The first worker that needs
// one executes it, its owner; the others wait, and get its value, or how it failed. The owner's teardown waits for the
// last user. If the owner dies, the fixture is executed anew for whoever asks next. Values pass through as they came:
// what is in them is the workers' affair.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runner/wire/question_frames.h"
#include "runner/workers/questions.h"

namespace trun {

class OnceFixtures {
 public:
  /// `questions` outlives it. `warn` gets a sentence for the user.
  OnceFixtures(Questions& questions, std::function<void(std::string)> warn);

  /// No further test will ask: from now on owners that nobody depends on may go.
  void tests_are_over();
  /// `worker` has ended. REQUIRES: called before Questions::forget().
  void gone(const WorkerProcess& worker);

 private:
  using Ticket = Questions::Ticket;

  struct Waiting {
    Ticket ticket = 0;
    const WorkerProcess* worker = nullptr;
  };
  struct Fixture {
    std::string name;
    const WorkerProcess* owner = nullptr;  ///< who executes it or has executed it; null: it failed, or nobody any more
    std::optional<OnceQuestion> made;      ///< what came of it; empty: it is being executed
    std::vector<Waiting> waiting;
    std::multiset<const WorkerProcess*> users;
    std::optional<Ticket> ending;  ///< the owner wants to tear it down
  };

  void asked(Ticket ticket, WorkerProcess& worker, const OnceQuestion& question);
  void made(Ticket ticket, WorkerProcess& worker, OnceQuestion question);
  void left(Ticket ticket, WorkerProcess& worker, const OnceQuestion& question);
  void alone(Ticket ticket, WorkerProcess& worker, const OnceQuestion& question);
  void give(Fixture& fixture, const Waiting& to);
  void owner_died(Fixture& fixture, const std::string& key);
  void end_if_unused(const std::string& key);
  bool waits_for(const WorkerProcess* one, const WorkerProcess* other, std::set<const WorkerProcess*>& seen) const;

  Questions& questions_;
  const std::function<void(std::string)> warn_;
  std::map<std::string, Fixture> fixtures_;
  bool over_ = false;
};

}  // namespace trun
