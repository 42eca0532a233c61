#include "runner/containment/cleanup_coordinator.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "runner/base/guarded.h"

namespace trun {
namespace {

/// So long what was forced has to be over, within the budget.
constexpr Duration kForcedWithin = std::chrono::milliseconds(500);

/// Nobody's failure may cost the others their turn.
Status attempt(const std::function<Status()>& step) { return step ? guarded(step) : ok_status(); }

bool ask(const std::function<bool()>& question, std::string& error) {
  // A question that throws has no answer: the thing is not over, and its limit or the budget decides.
  bool answer = true;
  const Status status = guarded([&] {
    if (question) answer = question();
    return ok_status();
  });
  if (status.ok()) return answer;
  error = status.error().message;
  return false;
}

}  // namespace

std::string_view cleanup_phase_name(CleanupPhase phase) {
  constexpr std::array<std::string_view, 7> kNames = {"workers", "plugin_host", "services", "strays",
                                                      "leases",  "folders",     "reports"};
  return kNames[static_cast<std::size_t>(phase)];
}

CleanupCoordinator::Id CleanupCoordinator::add(CleanupHandler handler) {
  entries_[next_].handler = std::move(handler);
  return next_++;
}

void CleanupCoordinator::remove(Id id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  // It may be called by the very functions that it would destroy: while a clean-up is under way they are kept.
  if (!requested_) {
    entries_.erase(found);
  } else {
    found->second.removed = true;
  }
}

void CleanupCoordinator::request(std::string reason, TimePoint now) { request(std::move(reason), now, budget_); }

void CleanupCoordinator::request(std::string reason, TimePoint now, Duration budget) {
  if (!requested_) {
    requested_at_ = now;
    log_.reason = std::move(reason);
    end_ = TimePoint::max();
  }
  requested_ = true;
  // A later request shortens the clean-up and never lengthens it: a terminal may close in the middle of it.
  end_ = std::min(end_, now + budget);
  // The last fifth is for those that have to be forced, and for what comes after them.
  force_from_ = end_ - budget / 5;
}

// An entry waits for its phase, is begun, is forced if it is late or its begin has failed, and is over. tick() takes
// each entry of the current phase one step further, and comes to the next phase only when all of them are over.
//
// Example with the usual budget of 5 s, so that force_from_ is 4 s after the request. Phase `workers` has gw0 and gw1,
// each with a limit of 1 s. At 0.0 s both are begun (SIGKILL). gw0 is gone at 0.1 s: "done". gw1 hangs in the kernel:
// at 1.0 s it is forced, and at 1.5 s (kForcedWithin) it is "given up". Only now phase `plugin_host` begins. A service
// that is begun at 3.0 s with a limit of 2 s is forced at 4.0 s, not at 5.0 s. One that is begun at 4.2 s is forced in
// the same tick, and given up at 4.7 s. So the last phases have their turn within the 5 s, too.
bool CleanupCoordinator::tick(TimePoint now, CleanupPhase until) {
  if (!requested_) return false;
  while (phase_ <= until) {
    bool all_over = true;
    // By id, not by iterator: a handler may add and remove.
    for (Id id = 1; id < next_; ++id) {
      const auto found = entries_.find(id);
      if (found == entries_.end() || found->second.over || found->second.handler.phase > phase_) continue;
      // What is registered for a phase that is over has its turn now, or it would never have one.
      all_over &= advance(found->second, now);
    }
    if (!all_over) return false;
    // At the end of each phase: a caller that stops before `reports` shows the log before the last phase runs.
    log_.took = now - requested_at_;
    // The last phase is never left: what is added later is carried out by the next tick.
    if (phase_ == CleanupPhase::reports) return true;
    phase_ = static_cast<CleanupPhase>(static_cast<int>(phase_) + 1);
  }
  return true;
}

/// True: it is over.
bool CleanupCoordinator::advance(Entry& entry, TimePoint now) {
  if (entry.removed) {
    // It ended by itself before its turn, or while it was asked to end. In the first case there is nothing to log.
    if (entry.begun) finish(entry, entry.forced ? "forced" : "done", now);
    return entry.over = true;
  }
  if (!std::exchange(entry.begun, true)) {
    entry.begun_at = now;
    const Status status = attempt(entry.handler.begin);
    if (!status.ok()) {
      entry.error = status.error().message;
      force(entry, now);
    }
  }
  // Asked in the tick that has begun it: what is over at once costs the clean-up no round of the loop.
  if (ask(entry.handler.done, entry.error)) {
    finish(entry, entry.forced ? "forced" : "done", now);
    return true;
  }
  if (!entry.forced && now >= std::min(entry.begun_at + entry.handler.limit, force_from_)) {
    force(entry, now);
    // Likewise: what the harder way ends at once is over now.
    if (ask(entry.handler.done, entry.error)) {
      finish(entry, "forced", now);
      return true;
    }
  }
  // Without a harder way nothing changes any more: the rest of its time is left to others.
  const bool hopeless = entry.forced && !entry.handler.force;
  if (entry.forced && (hopeless || now >= std::min(entry.forced_at + kForcedWithin, end_))) {
    finish(entry, "given up", now);
    return true;
  }
  return false;
}

void CleanupCoordinator::force(Entry& entry, TimePoint now) {
  entry.forced = true;
  entry.forced_at = now;
  const Status status = attempt(entry.handler.force);
  // The first error is kept: it is why the harder way was taken.
  if (!status.ok() && entry.error.empty()) entry.error = status.error().message;
}

void CleanupCoordinator::finish(Entry& entry, std::string_view how, TimePoint now) {
  entry.over = true;
  log_.steps.push_back({std::string(cleanup_phase_name(entry.handler.phase)), entry.handler.name, std::string(how),
                        entry.begun_at - requested_at_, now - entry.begun_at, entry.error});
}

std::string cleanup_text(const event::CleanupFinished& log) {
  std::array<char, 64> number{};
  const auto in_seconds = [&](Duration duration) {
    std::snprintf(number.data(), number.size(), "%.2f s", seconds(duration));
    return std::string(number.data());
  };
  std::string text = "clean-up took " + in_seconds(log.took) + " (" + log.reason + ")";
  for (const auto& step : log.steps) {
    text += "\n  " + step.phase + ": " + step.name + ": " + step.how + " after " + in_seconds(step.took);
    if (!step.error.empty()) text += " (" + step.error + ")";
  }
  return text;
}

}  // namespace trun
