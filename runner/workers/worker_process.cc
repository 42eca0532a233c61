#include "runner/workers/worker_process.h"

#include <unistd.h>

#include "runner/base/exit_code.h"
#include "runner/containment/evidence.h"
#include "runner/wire/protocol.h"

namespace trun {

void WorkerProcess::finish() {
  if (finish_told != TimePoint{}) return;
  finish_told = Clock::now();
  channel.send(collector ? encode(Exit{}) : encode(Finish{}));
}

std::vector<int> ForkParcel::fds(const WorkerProcess& worker, const RunPage& run, bool attached) const {
  // An attached worker writes to trun's own streams; its pipes are made all the same, and stay empty.
  if (attached)
    return {socket.get(),  worker.page.fd().get(), run.fd().get(), worker.stacks.get(),
            STDOUT_FILENO, STDERR_FILENO,          STDIN_FILENO};
  return {socket.get(), worker.page.fd().get(), run.fd().get(), worker.stacks.get(), out.get(), err.get()};
}

Result<ForkParcel> prepare(WorkerProcess& worker) {
  TRUN_TRY(pair, posix::socket_pair());
  TRUN_TRY(page, StatusPage::create());
  TRUN_TRY(out, posix::make_pipe());
  TRUN_TRY(err, posix::make_pipe());
  TRUN_TRY(stacks, posix::scratch_file("trun-stacks"));
  TRUN_CHECK(posix::set_nonblocking(pair.ours));
  TRUN_CHECK(posix::set_nonblocking(out.read));
  TRUN_CHECK(posix::set_nonblocking(err.read));
  worker.channel = Channel(std::move(pair.ours));
  worker.page = std::move(page);
  worker.stacks = std::move(stacks);
  worker.out = LinePipe(std::move(out.read));
  worker.err = LinePipe(std::move(err.read));
  return ForkParcel{std::move(pair.theirs), std::move(out.write), std::move(err.write)};
}

Result<std::vector<TestResult>> take_results(WorkerProcess& worker) {
  // Checked before anything is moved: on nonsense nothing is handed out.
  for (const ResultFrame& frame : worker.results) {
    if (frame.ordinal >= worker.assigned.size()) {
      return internal_error("a result for item " + std::to_string(frame.ordinal) + " of " +
                            std::to_string(worker.assigned.size()));
    }
  }
  std::vector<RingRecord> records;
  // Of a worker that has ended, everything that it wrote can be seen: TimePoint::max() waits for nothing.
  TRUN_CHECK(worker.page.drain(records, worker.assigned.size(), worker.ended ? TimePoint::max() : Clock::now()));
  worker.ring.insert(worker.ring.end(), records.begin(), records.end());
  std::vector<TestResult> found;
  // Passes come by the ring, all else by frames: either may be ahead of the other.
  const std::uint64_t end =
      worker.stopping ? worker.stopping->ordinal.value_or(worker.assigned.size()) : worker.assigned.size();
  // Example: items 0 to 3 are assigned; 0 and 2 passed (ring), 1 failed (frame), 3 is at work. Where the frame of 1 has
  // not been read yet, only 0 is delivered, and 2 waits in the ring for 1. So verdicts come in the order of the
  // worker's tests, whichever stream is ahead, and the first item without a result is the one at work
  // (Crew::last_moment).
  while (worker.delivered < end) {
    TestResult result;
    if (!worker.ring.empty() && worker.ring.front().ordinal == worker.delivered) {
      const RingRecord& record = worker.ring.front();
      worker.odd_times += record.odd;
      result.started = record.started;
      result.setup = record.setup;
      result.call = record.call;
      result.teardown = record.teardown;
      worker.ring.pop_front();
    } else if (!worker.results.empty() && worker.results.front().ordinal == worker.delivered) {
      result = std::move(worker.results.front().result);
      worker.results.pop_front();
    } else {
      break;
    }
    result.item = worker.assigned[worker.delivered++];
    result.slot = worker.slot;
    found.push_back(std::move(result));
  }
  if (!found.empty()) worker.delivered_at = Clock::now();
  return found;
}

void let_go(WorkerProcess& worker) {
  worker.channel = Channel();
  worker.out = LinePipe();
  worker.err = LinePipe();
  // The mapping stays: orphans and verdicts still look at what the dead worker wrote.
  worker.page.close();
  worker.stacks = Fd();
  worker.pidfd = Fd();
}

bool ended_well(const WorkerProcess& worker) {
  return worker.done && worker.exited && !worker.exited->signaled && !worker.stopping && worker.lost.empty();
}

std::optional<SessionEnd> ended_itself(const WorkerProcess& worker) {
  // What trun has ended did not end by code of the user's.
  if (worker.collector || worker.stopping || !worker.lost.empty()) return std::nullopt;
  if (!worker.exited || worker.exited->signaled) return std::nullopt;
  const int code = worker.exited->code;
  // In an atexit handler.
  if (worker.done) return code == kOk ? std::nullopt : std::optional(SessionEnd{code, true});
  const auto page = worker.page.snapshot();
  // The worker package ends with 3 where it has failed itself (server/main.py).
  // os._exit() in pytest_sessionfinish: `done` never came, but the page says that the session was at its finish.
  const bool in_hook = page.ok() && page->phase == Phase::finish && code != kInternal;
  return in_hook ? std::optional(SessionEnd{code, true}) : std::nullopt;
}

std::string whose(const WorkerProcess& worker) {
  return worker.collector ? "the collecting process" : worker_name(worker.slot);
}

std::string last_words(const WorkerProcess& worker) {
  std::string said = fold_machinery(worker.err.tail());
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return said.empty() ? said : "\n--- its last words on stderr\n" + said;
}

std::string ending(const WorkerProcess& worker) {
  if (!worker.lost.empty()) return "killed by trun (" + worker.lost + ")";
  if (worker.stopping) return "ended by trun (" + worker.stopping->reason + ")";
  return worker.exited ? posix::describe(*worker.exited) : "running";
}

}  // namespace trun
