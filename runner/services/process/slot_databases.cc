#include "runner/services/process/slot_databases.h"

#include <utility>

namespace trun {
namespace {

// For one command: createdb -T copies the files of the template.
constexpr Duration kLimit = std::chrono::seconds(60);

}  // namespace

void SlotDatabases::renew(std::vector<LaunchOptions> commands, Answer answer) {
  Job job;
  for (LaunchOptions& each : commands) job.commands.push_back(std::move(each));
  job.answer = std::move(answer);
  jobs_.push_back(std::move(job));
  // Those behind wait for the answer of the first: one probe runs one command.
  if (jobs_.size() == 1) next();
}

void SlotDatabases::next() {
  while (!jobs_.empty() && jobs_.front().commands.empty()) {
    // Taken out before it is answered, since the answer may ask for another database.
    const Job done = std::move(jobs_.front());
    jobs_.pop_front();
    done.answer({});
  }
  // An answer above may have started the next command already.
  if (jobs_.empty() || probe_.open()) return;
  const LaunchOptions command = std::move(jobs_.front().commands.front());
  jobs_.front().commands.pop_front();
  probe_.run(command, Clock::now(), kLimit, [this, program = command.argv[0]](std::string complaint) {
    if (!complaint.empty()) {
      const Job failed = std::move(jobs_.front());
      jobs_.pop_front();
      failed.answer(program + ": " + complaint);
    }
    next();
  });
}

void SlotDatabases::tick(TimePoint now) { probe_.tick(now); }

}  // namespace trun
