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
  end_ = std::min(end_, now + budget);
  // The last fifth is for those that have to be forced, and for what comes after them.
  force_from_ = end_ - budget / 5;
}

bool CleanupCoordinator::tick(TimePoint now, CleanupPhase until) {
  if (!requested_) return false;
  while (phase_ <= until) {
    bool all_over = true;
    // By id, not by iterator: a handler may add and remove.
    for (Id id = 1; id < next_; ++id) {
      const auto found = entries_.find(id);
      if (found == entries_.end() || found->second.over || found->second.handler.phase > phase_) continue;
      all_over &= advance(found->second, now);
    }
    if (!all_over) return false;
    log_.took = now - requested_at_;
    if (phase_ == CleanupPhase::reports) return true;
    phase_ = static_cast<CleanupPhase>(static_cast<int>(phase_) + 1);
  }
  return true;
}

/// True: it is over.
bool CleanupCoordinator::advance(Entry& entry, TimePoint now) {
  if (entry.removed) {
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
  if (ask(entry.handler.done, entry.error)) {
    finish(entry, entry.forced ? "forced" : "done", now);
    return true;
  }
  if (!entry.forced && now >= std::min(entry.begun_at + entry.handler.limit, force_from_)) {
    force(entry, now);
    if (ask(entry.handler.done, entry.error)) {
      finish(entry, "forced", now);
      return true;
    }
  }
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
