#include "runner/services/lifecycle/service_set.h"

#include <algorithm>
#include <utility>

namespace trun {
namespace {

using What = ServiceNews::What;
using State = ServiceState;

/// "30 s", "0.5 s".
std::string in_seconds(Duration time) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  std::string text = std::to_string(ms / 1000);
  if (const auto rest = ms % 1000; rest != 0) {
    std::string fraction = std::to_string(1000 + rest).substr(1);
    while (fraction.back() == '0') fraction.pop_back();
    text += "." + fraction;
  }
  return text + " s";
}

/// What a check of that kind said last.
std::string by_check(const std::string& check, const std::string& said) {
  return "its " + check + " check " + (said.empty() ? "never answered" : "says: " + said);
}

}  // namespace

ServiceTerms terms_of(const ServiceInstance& instance, const ServiceOptions& declared) {
  ServiceTerms terms;
  terms.name = instance.name;
  terms.needs = instance.needs;
  terms.phase = declared.phase;
  terms.has_check = declared.ready.kind != ReadyCheck::Kind::started || !declared.init.empty();
  terms.check = check_name(declared.ready.kind);
  terms.deadline = declared.ready.deadline;
  terms.interval = declared.ready.interval;
  terms.reuse_deadline = std::min<Duration>(declared.ready.deadline, std::chrono::seconds(5));
  terms.grace = declared.grace;
  terms.restarts = declared.restarts;
  return terms;
}

ServiceSet::ServiceSet(std::vector<ServiceTerms> terms, Duration stop_limit) : stop_limit_(stop_limit) {
  for (ServiceTerms& each : terms) services_.emplace_back().terms = std::move(each);
}

// The states and what leaves them. In brackets stands what is sent out on the way.
// idle: Wanted -> waiting; StopAll -> stopped.
// waiting: all needs ready and earlier phases settled [Launch] -> starting; a need has failed -> failed; StopAll ->
// stopped.
// starting: CheckPassed, or Launched without a check [news ready] -> ready; LaunchFailed, Exited, its deadline,
// Unhealthy [news failed] -> failed.
// ready: Reused -> checking; Exited or Unhealthy -> see lose().
// checking: CheckPassed -> ready; Exited, Unhealthy or its deadline -> see lose().
// lose(): no restart left -> failed; else [news died] -> ending while its process lives, then waiting.
// ending: Exited -> waiting if it is to run again, else stopped. StopAll leads here from every state with a process but
// failed.
//
// Example: `api` (phase services) needs `db` (phase databases, one restart). Wanted{api} makes both waiting and
// launches db; its check passes: news ready, and the same step launches api. db dies: it is launched again, api stays
// ready and meets the outage. db dies again: news failed. Had StopAll come while both run, api would be sent its stop
// signal, and db only after api's Exited.
ServiceStep ServiceSet::handle(const ServiceEvent& event, TimePoint now) {
  ServiceStep step;
  std::visit([&](const auto& e) { on(e, now, step); }, event);
  advance(now, step);
  return step;
}

ServiceStep ServiceSet::tick(TimePoint now) {
  ServiceStep step;
  advance(now, step);
  return step;
}

// ---- what happened

void ServiceSet::on(const service_event::Wanted& event, TimePoint, ServiceStep&) {
  for (const ServiceIndex service : event.services) want(service);
}

void ServiceSet::want(ServiceIndex service) {
  Service& s = services_[service];
  if (s.wanted) return;
  s.wanted = true;
  s.state = stop_by_ ? State::stopped : State::waiting;
  // Nobody else asks for them; what is wanted already has done so before.
  for (const ServiceIndex need : s.terms.needs) want(need);
}

void ServiceSet::on(const service_event::Reused& event, TimePoint now, ServiceStep& step) {
  Service& s = services_[event.service];
  if (s.state != State::ready) return;
  // Nothing can be asked: that its process runs is all that was ever known of it.
  if (!s.terms.has_check) return became_ready(event.service, now, step);
  s.state = State::checking;
  s.deadline = now + s.terms.reuse_deadline;
  // At once: a test waits for the answer.
  s.next_check = now;
  s.last_check.clear();
}

void ServiceSet::on(const service_event::Launched& event, TimePoint now, ServiceStep& step) {
  Service& s = services_[event.service];
  s.launching = false;
  s.alive = true;
  if (stop_by_) return;  // advance() ends it in its turn
  if (!s.terms.has_check) became_ready(event.service, now, step);
}

void ServiceSet::on(const service_event::LaunchFailed& event, TimePoint, ServiceStep& step) {
  Service& s = services_[event.service];
  s.launching = false;
  if (stop_by_) {
    s.state = State::stopped;
  } else {
    fail(event.service, event.why, step);
  }
}

void ServiceSet::on(const service_event::CheckPassed& event, TimePoint now, ServiceStep& step) {
  Service& s = services_[event.service];
  s.check_open = false;
  // Else it is the answer of a process that has ended, or is being ended.
  if (s.alive && (s.state == State::starting || s.state == State::checking)) became_ready(event.service, now, step);
}

void ServiceSet::on(const service_event::CheckFailed& event, TimePoint now, ServiceStep&) {
  Service& s = services_[event.service];
  s.check_open = false;
  s.last_check = event.what;
  s.next_check = now + s.terms.interval;
}

void ServiceSet::on(const service_event::Exited& event, TimePoint now, ServiceStep& step) {
  Service& s = services_[event.service];
  // An open check will not be answered any more: its process is gone.
  s.alive = s.check_open = false;
  if (stop_by_ && s.state != State::failed) s.state = State::ending;  // whoever goes by itself now, goes in time
  switch (s.state) {
    case State::starting:
      return fail(event.service, "ended (" + event.how + ") before it was ready", step);
    case State::ready:
    case State::checking:
      return lose(event.service, "died (" + event.how + ")", now, step);
    case State::ending:
      // The news of a death were told by lose(); only an end that was wanted is news here.
      s.state = std::exchange(s.again, false) && !stop_by_ ? State::waiting : State::stopped;
      if (s.state == State::stopped) step.news.push_back({What::stopped, event.service, {}, {}});
      return;
    // A failed one was told when it failed; the others have no process.
    case State::idle:
    case State::waiting:
    case State::failed:
    case State::stopped:
      return;
  }
}

void ServiceSet::on(const service_event::Unhealthy& event, TimePoint now, ServiceStep& step) {
  Service& s = services_[event.service];
  // What was never ready is not started again, as with an end before it was ready.
  if (s.state == State::starting) {
    fail(event.service, event.why, step);
    terminate(event.service, now, step);
  } else if (s.state == State::ready || s.state == State::checking) {
    lose(event.service, event.why, now, step);
  }
}

void ServiceSet::on(const service_event::StopAll&, TimePoint now, ServiceStep&) {
  if (stop_by_) return;
  stop_by_ = now + stop_limit_;
  for (Service& s : services_) {
    // One that was about to be started again is only ended.
    s.again = false;
    if (s.state == State::idle || s.state == State::waiting) s.state = State::stopped;
  }
}

// ---- what follows

void ServiceSet::advance(TimePoint now, ServiceStep& step) {
  // A service that fails may fail others, or open a barrier: until nothing changes.
  for (bool changed = !stop_by_; changed;) {
    changed = false;
    for (ServiceIndex i = 0; i < services_.size(); ++i) {
      if (services_[i].state == State::waiting) changed |= try_start(i, now, step);
      changed |= check_due(i, now, step);
    }
  }
  for (ServiceIndex i = 0; i < services_.size(); ++i) stop_due(i, now, step);
}

/// Whether its state has changed.
bool ServiceSet::try_start(ServiceIndex service, TimePoint now, ServiceStep& step) {
  Service& s = services_[service];
  // Its last process must be gone first: it holds its ports.
  if (s.alive) return false;
  for (const ServiceIndex need : s.terms.needs) {
    const Service& needed = services_[need];
    if (needed.state == State::failed) {
      fail(service, "needs " + needed.terms.name + ", which " + needed.failure, step);
      return true;
    }
    // A look at its health holds up nobody: if it is not well, lose() says so.
    if (needed.state != State::ready && needed.state != State::checking) return false;
  }
  for (const Service& other : services_) {
    const bool settled =
        !other.wanted || other.state == State::ready || other.state == State::checking || other.state == State::failed;
    if (other.terms.phase < s.terms.phase && !settled) return false;
  }
  s.state = State::starting;
  s.launching = true;
  // What is left of an earlier launch says nothing about this one.
  s.check_open = s.terminated = s.killed = false;
  s.launched = now;
  s.next_check = now;
  s.deadline = now + s.terms.deadline;
  s.last_check.clear();
  step.actions.emplace_back(service_action::Launch{service});
  return true;
}

/// Whether its state has changed.
bool ServiceSet::check_due(ServiceIndex service, TimePoint now, ServiceStep& step) {
  Service& s = services_[service];
  if (!s.alive || (s.state != State::starting && s.state != State::checking)) return false;
  // Before the check below: once the deadline has passed none is sent.
  if (now >= s.deadline) {
    const std::string said = by_check(s.terms.check, s.last_check);
    if (s.state == State::checking) {
      lose(service, "is not healthy any more: within " + in_seconds(s.terms.reuse_deadline) + " " + said, now, step);
    } else {
      fail(service, "was not ready " + in_seconds(s.terms.deadline) + " after its start: " + said, step);
      terminate(service, now, step);
    }
    return true;
  }
  // One check at a time: a slow one is not overtaken by the next.
  if (!s.check_open && now >= s.next_check) {
    s.check_open = true;
    step.actions.emplace_back(service_action::Check{service});
  }
  return false;
}

void ServiceSet::stop_due(ServiceIndex service, TimePoint now, ServiceStep& step) {
  Service& s = services_[service];
  if (!s.alive) return;
  // Users first. At the limit the order is given up, and all are signalled and killed in one step.
  if (stop_by_ && !s.terminated && (!is_used(service) || now >= *stop_by_)) {
    // One that has failed keeps its reason, which reports still name.
    if (s.state != State::failed) s.state = State::ending;
    terminate(service, now, step);
  }
  // Also without StopAll: a service that was lost or has failed gets its stop signal, its grace, and SIGKILL.
  if (!s.terminated || s.killed) return;
  if (now < s.kill_at && !(stop_by_ && now >= *stop_by_)) return;
  s.killed = true;
  step.actions.emplace_back(service_action::Kill{service});
}

void ServiceSet::became_ready(ServiceIndex service, TimePoint now, ServiceStep& step) {
  Service& s = services_[service];
  s.state = State::ready;
  // After Reused as well: whoever asked for the look waits for these news.
  step.news.push_back({What::ready, service, {}, now - s.launched});
}

/// A service that was ready is so no more.
void ServiceSet::lose(ServiceIndex service, std::string why, TimePoint now, ServiceStep& step) {
  Service& s = services_[service];
  if (s.restarts == s.terms.restarts) {
    if (s.terms.restarts > 0) why += "; it was started again " + std::to_string(s.restarts) + " times before";
    fail(service, std::move(why), step);
  } else {
    ++s.restarts;
    // A process that lives (unhealthy, too much memory) is ended first, and Exited starts the next. One that died is
    // launched by the advance() that follows.
    s.again = s.alive;
    s.state = s.alive ? State::ending : State::waiting;
    step.news.push_back({What::died, service, std::move(why), {}});
  }
  if (s.alive) terminate(service, now, step);
}

void ServiceSet::fail(ServiceIndex service, std::string why, ServiceStep& step) {
  Service& s = services_[service];
  s.state = State::failed;
  s.check_open = false;
  s.failure = why;
  step.news.push_back({What::failed, service, std::move(why), {}});
}

void ServiceSet::terminate(ServiceIndex service, TimePoint now, ServiceStep& step) {
  Service& s = services_[service];
  if (s.terminated) return;
  s.terminated = true;
  s.check_open = false;
  s.kill_at = now + s.terms.grace;
  step.actions.emplace_back(service_action::Terminate{service});
}

/// Whether a living one needs it or was started behind its phase.
bool ServiceSet::is_used(ServiceIndex service) const {
  const ServiceTerms& terms = services_[service].terms;
  return std::any_of(services_.begin(), services_.end(), [&](const Service& other) {
    // A launch that was not answered yet may be a process already.
    if (!other.alive && !other.launching) return false;
    const auto& needs = other.terms.needs;
    return other.terms.phase > terms.phase || std::find(needs.begin(), needs.end(), service) != needs.end();
  });
}

void ServiceSet::paused(Duration time) {
  for (Service& s : services_) {
    // Where no deadline is set the sum is never looked at: each is set when its state begins.
    s.deadline += time;
    s.next_check += time;
    s.kill_at += time;
  }
  if (stop_by_) *stop_by_ += time;
}

std::optional<TimePoint> ServiceSet::next() const {
  std::optional<TimePoint> next;
  const auto at = [&next](TimePoint time) { next = next ? std::min(*next, time) : time; };
  for (const Service& s : services_) {
    if (!s.alive) continue;
    if (!stop_by_ && (s.state == State::starting || s.state == State::checking)) {
      at(s.deadline);
      if (!s.check_open) at(s.next_check);
    }
    if (s.terminated && !s.killed) at(stop_by_ ? std::min(s.kill_at, *stop_by_) : s.kill_at);
    if (stop_by_ && !s.terminated) at(*stop_by_);
  }
  return next;
}

bool ServiceSet::settled() const {
  return std::all_of(services_.begin(), services_.end(), [](const Service& s) {
    return !s.wanted || s.state == State::ready || s.state == State::failed || s.state == State::stopped;
  });
}

bool ServiceSet::all_gone() const {
  return std::none_of(services_.begin(), services_.end(), [](const Service& s) { return s.alive || s.launching; });
}

}  // namespace trun
