#include "runner/engine/supervisor.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "runner/containment/evidence.h"
#include "runner/workers/stop_ladder.h"

namespace trun {
namespace {

/// Stacks that were asked for are there by then.
constexpr Duration kStacksTake = std::chrono::milliseconds(300);

/// For the stacks of a process that eats up memory.
constexpr Duration kGlance = std::chrono::milliseconds(200);

/// From SIGTERM to SIGKILL for whom an interrupt did not end: it has had its grace.
constexpr Duration kLastMoment = std::chrono::seconds(1);

std::string in_megabytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

std::string in_seconds(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f s", duration < std::chrono::seconds(10) ? 1 : 0, seconds(duration));
  return text;
}

/// The threads that it waits for, if it told of any.
std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

/// What a process waits for after its session. Of a handler the stacks know the name, the worker who registered it.
std::string held_up_by(const WorkerProcess& worker) {
  if (!worker.done) return {};
  if (!worker.done->threads.empty()) return ": threads that are not daemons: " + listed(worker.done->threads);
  if (worker.done->handlers.empty()) return {};
  return ": atexit handlers were registered in " + listed(worker.done->handlers);
}

}  // namespace

std::string exhaustion(const WorkerProcess& worker, const Config& config) {
  if (!worker.memory || !worker.memory->exhausted()) return {};
  return in_megabytes(worker.memory->peak()) + " held at its most, " + in_megabytes(config.test_memory->bytes) +
         " allowed (--test-memory), and more was asked for: kept by a control group";
}

Supervisor::Supervisor(Context context)
    : context_(std::move(context)),
      limits_{context_.config.timeout.value_or(Duration{0}), context_.config.collect_timeout.value_or(Duration{0}),
              context_.config.session_finish_timeout.value_or(Duration{0}),
              context_.config.shutdown_timeout.value_or(Duration{0})} {}

void Supervisor::tick(TimePoint now) {
  for (const auto& worker : context_.crew.workers()) {
    if (Crew::gone(*worker)) continue;
    context_.watch.lose_if_mute(*worker);
    // One that is being ended is judged no more: its limit has passed, and the ladder has limits of its own.
    if (worker->stopping) {
      const Duration grace = context_.config.safeguards.kill ? *context_.config.grace : std::chrono::hours(1);
      advance_stop(*worker, grace, now);
    } else if (worker->lost.empty() && !check_group(*worker, now)) {
      judge(*worker, now);
    }
  }
  if (show_at_ && now >= *show_at_) tell_running();
}

std::optional<Supervisor::At> Supervisor::look_at(const WorkerProcess& worker, TimePoint now) const {
  const auto snapshot = worker.page.snapshot();
  if (!snapshot.ok() || snapshot->debugging) return std::nullopt;
  At at;
  Activity& activity = at.activity;
  activity.phase = snapshot->phase;
  // A page that nobody has written yet says 0.
  TimePoint since = std::max(snapshot->since, worker.forked);
  // The page has one phase for all files; `collecting` frames tell where each begins.
  if (activity.phase == Phase::collect) since = std::max(since, worker.collecting_since);
  // Its pid stands in the page after `start`. Before that the page is all zeroes, which reads as idle.
  if (activity.phase == Phase::idle && worker.pid != snapshot->pid) activity.phase = Phase::start;
  // Who is replaced is told to finish while it has work.
  const bool told = worker.finish_told != TimePoint{} && worker.delivered >= worker.assigned.size();
  if (worker.done || (activity.phase == Phase::idle && told)) {
    activity.phase = worker.done || worker.collector ? Phase::exit : Phase::finish;
    since = std::max({since, worker.finish_told, worker.delivered_at});
  }
  // Between tests, with work in hand: a moment, if all is well.
  activity.has_work = worker.delivered < worker.assigned.size();
  // Time for which it waits for an answer of ours is nobody's fault.
  const Duration waiting = snapshot->waiting == TimePoint{} ? Duration{0} : clock_.between(snapshot->waiting, now);
  const Duration waited = snapshot->waited + waiting;
  activity.in_phase = std::max(Duration{0}, clock_.between(since, now) - waited);
  const bool at_test = activity.phase >= Phase::setup && activity.phase <= Phase::teardown;
  if (at_test && snapshot->ordinal < worker.assigned.size()) {
    at.ordinal = snapshot->ordinal;
    at.item = worker.assigned[snapshot->ordinal];
    activity.in_test = std::max(Duration{0}, clock_.between(snapshot->began, now) - waited);
    if (at.item < context_.collection.items.size()) activity.own_limit = context_.collection.items[at.item].timeout;
  }
  return at;
}

void Supervisor::judge(WorkerProcess& worker, TimePoint now) {
  const auto at = look_at(worker, now);
  if (!at) return;
  if (at->ordinal) note_slow(worker, *at);
  if (at->activity.phase == Phase::finish) note_finishing(worker, at->activity.in_phase);
  const auto limit = passed_limit(at->activity, limits_);
  if (limit) return stop(worker, *at, *limit, now);
  if (at->ordinal && context_.config.test_memory && context_.config.test_memory->bytes > 0 && !worker.memory)
    check_memory(worker, *at, now);
}

/// True: it has come to the limit that the kernel keeps, and is being ended. It starts no other test: it stands still.
bool Supervisor::check_group(WorkerProcess& worker, TimePoint now) {
  const std::string detail = exhaustion(worker, context_.config);
  if (detail.empty()) return false;
  worker.page.halt(true);
  const auto at = look_at(worker, now);
  begin_stop(worker, "out of memory: " + detail, at ? at->ordinal : std::nullopt, outcome::OutOfMemory{detail}, now);
  worker.stopping->next = now + kGlance;
  worker.stopping->urgent = true;
  return true;
}

void Supervisor::check_memory(WorkerProcess& worker, const At& at, TimePoint now) {
  const std::uint64_t limit = context_.config.test_memory->bytes;
  const std::uint64_t held = memory_of_tree(worker.pid);
  if (held <= limit) return;
  // Its page says that it starts no other test before it is looked at a second time: between the two looks the test may
  // have ended, and the next one would be judged for it.
  worker.page.halt(true);
  const auto still = look_at(worker, now);
  if (!still || still->ordinal != at.ordinal) return worker.page.halt(false);
  const std::string detail = in_megabytes(held) + " held, " + in_megabytes(limit) + " allowed (--test-memory)";
  begin_stop(worker, "out of memory: " + detail, at.ordinal, outcome::OutOfMemory{detail}, now);
  // It may grow further: no time for more than a glance, and no grace.
  worker.stopping->next = now + kGlance;
  worker.stopping->urgent = true;
}

void Supervisor::note_slow(WorkerProcess& worker, const At& at) {
  const Duration slow = context_.config.slow.value_or(Duration{0});
  if (slow <= Duration{0}) return;
  const auto times = static_cast<std::uint64_t>(at.activity.in_test / slow);
  if (worker.slow_ordinal != *at.ordinal) {
    worker.slow_ordinal = *at.ordinal;
    worker.slow_notes = 0;
  }
  if (times <= worker.slow_notes) return;
  worker.slow_notes = times;
  context_.narrator.notice(event::Notice::Level::info, "slow: " + context_.collection.items[at.item].id +
                                                           " has run for " + in_seconds(at.activity.in_test) + " (" +
                                                           std::string(phase_name(at.activity.phase)) + ") on " +
                                                           worker_name(worker.slot));
}

/// Its stacks are asked for when a note is due, and are there when it is told.
void Supervisor::note_finishing(WorkerProcess& worker, Duration spent) {
  const Duration every = context_.config.slow.value_or(Duration{0});
  if (every <= Duration{0} || spent < every) return;
  const auto due = static_cast<std::uint64_t>(spent / every);
  if (due > worker.finish_asked) {
    worker.finish_asked = due;
    ask_for_stacks(worker);
  }
  if (worker.finish_asked == worker.finish_notes || spent < every * worker.finish_asked + kStacksTake) return;
  worker.finish_notes = worker.finish_asked;
  const std::string limit = limits_.finish > Duration{0} ? "at most " + in_seconds(limits_.finish) : "without a limit";
  const std::string stacks = stacks_text(worker);
  context_.narrator.notice(event::Notice::Level::info,
                           whose(worker) + ": its session has been ending for " + in_seconds(spent) +
                               " (pytest_sessionfinish, pytest_unconfigure); it is waited for " + limit +
                               " (--session-finish-timeout)" + (stacks.empty() ? "" : "\n" + stacks));
}

void Supervisor::stop(WorkerProcess& worker, const At& at, Duration limit, TimePoint now) {
  // A worker that has been halted starts no other test: what it is at now is what is judged.
  worker.page.halt(true);
  const auto still = look_at(worker, now);
  const bool same_test = still && still->ordinal == at.ordinal;
  // Between two tests the phase must be the same, too: a session may have come to its finish meanwhile.
  if (!same_test || (!at.ordinal && still->activity.phase != at.activity.phase)) return worker.page.halt(false);
  std::string reason;
  switch (at.activity.phase) {
    case Phase::start:
      reason = "its session did not start within " + in_seconds(limit);
      break;
    case Phase::collect:
      reason = "not collected within " + in_seconds(limit);
      break;
    case Phase::finish:
      reason = "its session did not end within " + in_seconds(limit) +
               " (pytest_sessionfinish, pytest_unconfigure; --session-finish-timeout)";
      session_lost_ = true;
      break;
    case Phase::exit:
      reason = "it did not end within " + in_seconds(limit) + " after its session" + held_up_by(worker) +
               " (--shutdown-timeout)";
      session_lost_ = session_lost_ || threads_fail();
      break;
    case Phase::idle:
      reason = "no sign of life for " + in_seconds(limit);
      break;
    default:
      reason = "timed out";
  }
  const auto ordinal = context_.config.safeguards.verdict ? at.ordinal : std::nullopt;
  begin_stop(worker, reason, ordinal, outcome::TimedOut{at.activity.phase, limit}, now);
}

void Supervisor::stop_all(const std::string& reason, TimePoint now) {
  for (const auto& worker : context_.crew.workers()) {
    if (Crew::gone(*worker) || worker->stopping) continue;
    worker->page.halt(true);
    // After the halt: what it is at now is what has timed out.
    const auto at = look_at(*worker, now);
    begin_stop(*worker, reason, at ? at->ordinal : std::nullopt,
               outcome::TimedOut{at ? at->activity.phase : Phase::idle, Duration{0}}, now);
  }
}

void Supervisor::tell_waiting(Duration left, TimePoint now) {
  std::string tests, others;
  const auto name = [](std::string& list, const std::string& who) { list += (list.empty() ? "" : ", ") + who; };
  for (const auto& worker : context_.crew.workers()) {
    if (Crew::gone(*worker) || worker->stopping) continue;
    const auto at = look_at(*worker, now);
    const bool at_test = at && at->ordinal && at->item < context_.collection.items.size();
    if (!at_test) {
      name(others, whose(*worker));
      continue;
    }
    const std::string phase(phase_name(at->activity.phase));
    name(tests, context_.collection.items[at->item].id + " (" + phase + ") on " + whose(*worker));
  }
  const std::string& whom = tests.empty() ? others : tests;
  if (whom.empty()) return;
  context_.narrator.notice(event::Notice::Level::warning, "interrupted: waiting for " + whom + ", " + in_seconds(left) +
                                                              " more (--grace); a second interrupt ends it at once");
}

void Supervisor::end_interrupted(TimePoint now) {
  const std::string why = "interrupted, and it did not end within " +
                          in_seconds(context_.config.grace.value_or(Duration{0})) + " (--grace)";
  for (const auto& worker : context_.crew.workers()) {
    if (Crew::gone(*worker) || worker->stopping) continue;
    worker->page.halt(true);
    const auto at = look_at(*worker, now);
    begin_stop(*worker, why, at ? at->ordinal : std::nullopt, outcome::WorkerLost{why}, now);
    worker->stopping->grace = kLastMoment;
  }
}

bool Supervisor::run_is_over(TimePoint began, TimePoint now) {
  const Duration limit = context_.config.run_timeout.value_or(Duration{0});
  if (run_over_ || limit <= Duration{0} || clock_.between(began, now) < limit) return false;
  return run_over_ = true;
}

void Supervisor::tell_end(const WorkerProcess& worker, bool solo) {
  if (worker.odd_times > 0) {
    context_.narrator.notice(
        event::Notice::Level::warning,
        whose(worker) + ": " + std::to_string(worker.odd_times) +
            " tests with times that no clock gives: something wrote into its status page; they count as 0");
  }
  // A worker that was told to finish and ran all of its tests has nothing left but its session: if that does not say
  // `done`, it was cut off.
  const bool told = worker.finish_told != TimePoint{} && !worker.collector;
  const bool finished = told && worker.delivered == worker.assigned.size();
  if (finished && !worker.done && !worker.stopped && !worker.stopping && worker.lost.empty()) {
    const bool by_itself = ended_itself(worker).has_value();
    session_lost_ = session_lost_ || !by_itself;
    context_.narrator.notice(
        by_itself ? event::Notice::Level::warning : event::Notice::Level::error,
        whose(worker) + ": its session did not come to its end: " + ending(worker) + last_words(worker));
  }
  const bool file_does = !solo && !worker.collection && !worker.collecting.file.empty();
  if (worker.done && worker.exited && worker.exited->signaled && !worker.stopping && worker.lost.empty()) {
    context_.narrator.notice(event::Notice::Level::warning,
                             whose(worker) + ": " + ending(worker) + " in the interpreter's exit, after its session");
  }
  if (!worker.stopping || worker.stopping->ordinal || file_does || run_over_) return;
  std::string text = whose(worker) + ": " + worker.stopping->reason;
  for (const auto& [title, found] : worker.stopping->evidence) text += "\n--- " + title + "\n" + found;
  // Verdicts and sessions are complete: what hangs then is a leak, and fails the run only where leaks do.
  const bool only_left = (worker.done || worker.collector) && !threads_fail();
  context_.narrator.notice(only_left ? event::Notice::Level::warning : event::Notice::Level::error, text);
}

/// What is left of a worker after its session is a leak, and is judged as one.
bool Supervisor::threads_fail() const { return action_for(context_.config.leak, "threads") == LeakAction::fail; }

void Supervisor::show_running(TimePoint now) {
  if (show_at_) return;
  show_at_ = now + kStacksTake;
  for (const auto& worker : context_.crew.workers()) {
    // One that exits has no handler any more, sooner or later, and the signal would end it.
    if (!Crew::gone(*worker) && !worker->stopping && !worker->done) ask_for_stacks(*worker);
  }
}

void Supervisor::tell_running() {
  const TimePoint now = *std::exchange(show_at_, std::nullopt);
  for (const auto& worker : context_.crew.workers()) {
    if (Crew::gone(*worker) || worker->stopping) continue;
    const auto at = look_at(*worker, now);
    std::string text = whose(*worker) + " (pid " + std::to_string(worker->pid) + "): ";
    if (at && at->ordinal) {
      text += context_.collection.items[at->item].id + ", " + in_seconds(at->activity.in_test) + ", " +
              std::string(phase_name(at->activity.phase));
    } else {
      text += at ? std::string(phase_name(at->activity.phase)) : "in a debugger";
    }
    const std::string stacks = stacks_text(*worker);
    context_.narrator.notice(event::Notice::Level::info, text + (stacks.empty() ? "" : "\n" + stacks));
  }
}

}  // namespace trun
