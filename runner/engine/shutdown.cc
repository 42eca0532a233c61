#include "runner/engine/shutdown.h"

#include <algorithm>

#include "runner/kernel/process_tree.h"
#include "runner/wire/protocol.h"

namespace trun {
namespace {

constexpr Duration kPoll = std::chrono::milliseconds(5);

std::string name_of(const WorkerProcess& worker) {
  return (worker.collector ? "collector" : worker_name(worker.slot)) + " (pid " + std::to_string(worker.pid) + ")";
}

}  // namespace

void Shutdown::hold_helpers() {
  hold_server();
  hold_strays();
}

void Shutdown::hold_server() {
  CleanupHandler handler{CleanupPhase::plugin_host, "fork server", std::chrono::seconds(3), {}, {}, {}};
  handler.begin = [this] {
    if (!context_.server.gone()) context_.server.send(encode(Exit{}));
    return ok_status();
  };
  handler.done = [this] { return context_.server.gone(); };
  handler.force = [this] {
    context_.server.kill();
    return ok_status();
  };
  context_.cleanup.add(std::move(handler));
}

void Shutdown::hold_worker(WorkerProcess& worker) {
  // Its session has had its time.
  const auto kill = [&worker] {
    // Why it is killed must be known before its end is told.
    if (worker.lost.empty() && !Crew::gone(worker)) worker.lost = "it did not end";
    Crew::kill(worker);
    return ok_status();
  };
  worker.cleanup = context_.cleanup.add({CleanupPhase::workers, name_of(worker), std::chrono::seconds(1), kill,
                                         [&worker] { return Crew::gone(worker); }, kill});
}

void Shutdown::hold_strays() {
  if (!context_.config.safeguards.sweep) return;
  // A round kills and reaps; what it could not end is tried again by the next.
  const auto nobody_left = [] {
    const auto left = sweep_round();
    return left.ok() && left->empty();
  };
  context_.cleanup.add(
      {CleanupPhase::strays, "processes that nobody waits for", std::chrono::seconds(2), {}, nobody_left, {}});
}

void Shutdown::release(const WorkerProcess& worker) {
  context_.cleanup.remove(worker.cleanup);
  if (worker.memory && !worker.memory->exhausted()) (void)worker.memory->remove();  // fails where it left somebody
}

void Shutdown::end_sessions(bool interrupted) {
  for (auto& worker : context_.crew.workers()) {
    if (!Crew::gone(*worker)) worker->finish();
  }
  // The supervisor ends those that do not end by themselves; nobody waits for long for a test that was interrupted.
  const Duration exit = *context_.config.shutdown_timeout, finish = *context_.config.session_finish_timeout;
  const TimePoint now = Clock::now();
  // The supervisor ends who is too late: stacks, SIGTERM, grace, SIGKILL. This wait is longer than that, or it would
  // cut the ladder short.
  const Duration margin = 2 * *context_.config.grace + std::chrono::seconds(3);
  const bool limited = exit > Duration{0} && finish > Duration{0};
  const TimePoint latest = limited ? now + finish + exit + margin : TimePoint::max();
  const TimePoint tests = interrupted && exit > Duration{0} ? now + exit + std::chrono::seconds(3) : latest;
  // Asked anew each time: a worker that was at a test may be at its session finish now, which has longer.
  wait_for_ends([this, tests, latest] { return anybody_at_a_test() ? tests : latest; });
}

/// Somebody whose session is not over, and who is not at its finish either.
bool Shutdown::anybody_at_a_test() const {
  const auto& workers = context_.crew.workers();
  return std::any_of(workers.begin(), workers.end(), [](const auto& worker) {
    if (Crew::gone(*worker) || worker->done) return false;
    const auto snapshot = worker->page.snapshot();
    return !snapshot.ok() || snapshot->phase < Phase::finish;
  });
}

void Shutdown::end_all(const std::string& why) {
  context_.crew.kill_all(why);
  // A process in a system call that no signal ends (state D) is not waited for; Crew::discard() keeps it.
  const TimePoint deadline = Clock::now() + std::chrono::seconds(2);
  while (!context_.crew.all_gone() && Clock::now() < deadline) context_.loop.run_one(kPoll);
}

void Shutdown::wait_for_ends(const std::function<TimePoint()>& deadline) {
  while (!context_.crew.all_gone() && !context_.abandoned() && Clock::now() < deadline()) context_.loop.run_one(kPoll);
}

bool Shutdown::ask_for_cache(const History& history, const RunPlan& plan) {
  const RunLog& log = context_.narrator.log();
  if (log.collection.items.empty()) return false;
  if (context_.server.closed()) return tell_cache("the fork server, which writes it, is gone"), false;
  SaveCache frame = context_.narrator.tally().cache_frame(log.collection, log.collect_reports, history);
  frame.bound = plan.found_bound;
  context_.server.send(encode(frame));
  return true;
}

void Shutdown::await_cache() {
  const auto answer = context_.server.receive();
  if (!answer.ok()) return tell_cache(answer.error().message);
  const auto* saved = std::get_if<CacheSaved>(&*answer);
  if (!saved) return tell_cache("the fork server spoke of something else");
  if (saved->error) tell_cache(*saved->error);
}

void Shutdown::tell_cache(const std::string& why) {
  context_.narrator.notice(event::Notice::Level::warning,
                           "the cache could not be written, --lf and the like know nothing of this run: " + why);
}

void Shutdown::clean_up(const std::string& reason, Duration budget) {
  context_.cleanup.request(reason, Clock::now(), budget);
  // All phases but the reports: these tell what the others had to force.
  while (!context_.cleanup.tick(Clock::now(), CleanupPhase::folders)) context_.loop.run_one(kPoll);
}

void Shutdown::report(event::RunFinished finished) {
  context_.narrator.tell_leaks();
  context_.narrator.notice(event::Notice::Level::detail, cleanup_text(context_.cleanup.log()));
  context_.narrator.tell(context_.cleanup.log());
  context_.narrator.tell(std::move(finished));
  // The last phase: the reports have been told.
  (void)context_.cleanup.tick(Clock::now());
}

void Shutdown::write_out() {
  while (!context_.narrator.flush(std::chrono::milliseconds(10)) && !context_.abandoned())
    context_.loop.run_one(std::chrono::milliseconds(1));
}

}  // namespace trun
