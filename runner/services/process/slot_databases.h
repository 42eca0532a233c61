// SlotDatabases: of one server, a database for each slot, made as new when another file of tests begins to use it.
// Commands do it (createdb, redis-cli, or the user's own), one after the other for each server.
#pragma once

#include <deque>
#include <vector>

#include "runner/services/process/ready_probe.h"

namespace trun {

class SlotDatabases {
 public:
  using Answer = ReadyProbe::Answer;

  explicit SlotDatabases(EventLoop& loop) : probe_(loop) {}

  /// Runs `commands` one after the other once those before have been; stops at the first that fails.
  void renew(std::vector<LaunchOptions> commands, Answer answer);
  void tick(TimePoint now);
  bool knows(pid_t pid) const { return pid != 0 && pid == probe_.pid(); }

 private:
  struct Job {
    std::deque<LaunchOptions> commands;
    Answer answer;
  };

  void next();

  ReadyProbe probe_;
  std::deque<Job> jobs_;
};

}  // namespace trun
