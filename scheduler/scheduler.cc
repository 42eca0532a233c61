#include "scheduler/scheduler.h"

#include <algorithm>
#include <utility>

#include "runner/base/invariant.h"
#include "scheduler/dispatcher.h"
#include "scheduler/estimates.h"

namespace trun {
namespace {

// What pytest adds to session.testsfailed for this test (Session.pytest_runtest_logreport in _pytest/main.py): each
// failed report that is no xfail counts, so a call and a teardown that fail count twice. A crash has no such report and
// counts once.
unsigned failures_of(const TestResult& result) {
  const auto failed = [](const PhaseReport& r) { return r.outcome == "failed" && !r.wasxfail; };
  const auto count = std::count_if(result.reports.begin(), result.reports.end(), failed);
  if (count > 0) return static_cast<unsigned>(count);
  return is_bad(result.outcome) ? 1 : 0;
}

/// The verdict on a test that demands what there is not: an error of its set-up, as pytest would report one.
TestResult cannot_have(const TestItem& item, ItemIndex index, const std::string& why) {
  const std::string_view path = node_path(item.id);
  PhaseReport report;
  report.when = "setup";
  report.outcome = "failed";
  report.category = "error";
  report.letter = "E";
  report.word = "ERROR";
  report.longrepr = why + "\n";
  // pytest's head line is the domain of the item's location: "TestA.test_b", with dots.
  report.head_line = item.id.substr(std::min(item.id.size(), path.size() + 2));
  for (auto at = report.head_line.find("::"); at != std::string::npos; at = report.head_line.find("::", at))
    report.head_line.replace(at, 2, ".");
  report.crash_path = path;
  report.crash_message = why;
  report.exception_type = "ResourceError";
  TestResult result;
  result.item = index;
  result.outcome = outcome::Errored{};
  result.reports.push_back(std::move(report));
  return result;
}

}  // namespace

TestResult result_of(const worker_event::Exited& exit, TimePoint now) {
  TestResult result;
  result.item = *exit.current;
  result.slot = exit.slot;
  result.outcome = exit.verdict;
  result.started = exit.started;
  // Which phase it was is in the verdict; what is known of the time is how long it was in all.
  if (exit.started != TimePoint{} && exit.started < now) result.call = now - exit.started;
  TestRemarks& remarks = result.remarks.make();
  remarks.last_words = exit.last_words;
  remarks.evidence = exit.evidence;
  result.reports = exit.reports;
  return result;
}

struct Scheduler::State {
  State(const Collection& c, SchedulerOptions o)
      : collection(c),
        options(std::move(o)),
        estimates(c, options.file_estimates, options.test_estimates),
        dispatcher(c, options, estimates),
        has_verdict(c.items.size()),
        unsettled(c.items.size()) {}

  void on(const worker_event::Ready& event, TimePoint, Step& step);
  void on(const worker_event::Collected& event, TimePoint, Step& step);
  void on(const worker_event::NeedsWork& event, TimePoint, Step& step);
  void on(worker_event::Finished& event, TimePoint now, Step& step);
  void on(const worker_event::Exited& event, TimePoint now, Step& step);
  void on(const worker_event::Swept& event, TimePoint, Step& step);
  void on(const worker_event::GaveBack& event, TimePoint, Step& step);
  void on(const worker_event::SessionStopped& event, TimePoint, Step& step);
  void on(const worker_event::StopRequested& event, TimePoint, Step& step);
  void on(const worker_event::WorkerUnavailable& event, TimePoint, Step& step);

  void verdict(TestResult result, TimePoint now, Step& step);
  void not_run(const Dispatcher::Lost& lost, TimePoint now, Step& step);
  void impossible(TimePoint now, Step& step);
  void stop(std::string reason, Step& step);
  void settle(TimePoint now, Step& step);
  void handle(WorkerEvent& event, TimePoint now);
  void keep_verdict(WorkerEvent& event, TimePoint now);

  // Constant after construction.
  const Collection& collection;
  const SchedulerOptions options;

  Estimates estimates;
  Dispatcher dispatcher;
  std::vector<bool> has_verdict;
  std::size_t unsettled;  // items without a verdict
  unsigned failures = 0;
  bool stopped = false, told_impossible = false;
  Step current;  // what follows from the event at hand
};

void Scheduler::State::on(const worker_event::Ready& event, TimePoint, Step& step) {
  dispatcher.ready(event);
  // With every verdict in there is nothing to give: settle() tells the worker to finish.
  if (!stopped && unsettled > 0) dispatcher.refill(event.slot, step);
}

void Scheduler::State::on(const worker_event::Collected& event, TimePoint, Step& step) {
  if (stopped) return;
  dispatcher.collected(event);
  dispatcher.refill(event.slot, step);
}

void Scheduler::State::on(const worker_event::NeedsWork& event, TimePoint, Step& step) {
  if (!stopped) dispatcher.refill(event.slot, step);
}

void Scheduler::State::on(worker_event::Finished& event, TimePoint now, Step& step) {
  const auto& queue = dispatcher.crew()[event.slot].queue;
  // Empty after SessionStopped: that session may still report the test that it was at.
  invariant(queue.empty() || queue.front() == event.result.item, "finished out of order");
  dispatcher.finished(event.slot, event.result.setup);
  // In this order: the next chunk is measured by what this test took, and the verdict may stop the run (maxfail) before
  // anything is given out.
  estimates.finished(event.result.item, event.result.total());
  verdict(std::move(event.result), now, step);
  if (!stopped) dispatcher.refill(event.slot, step);
}

void Scheduler::State::on(const worker_event::Exited& event, TimePoint now, Step& step) {
  dispatcher.lost(event.slot, event.current, event.lingers);
  if (!event.current) return;
  // How long a test ran until its process died says nothing of how long such tests take.
  estimates.settled(*event.current);
  verdict(result_of(event, now), now, step);
}

void Scheduler::State::on(const worker_event::Swept& event, TimePoint, Step&) { dispatcher.swept(event.slot); }

void Scheduler::State::on(const worker_event::GaveBack& event, TimePoint, Step& step) {
  dispatcher.gave_back(event);
  if (!stopped && unsettled > 0) dispatcher.refill(event.slot, step);
}

void Scheduler::State::on(const worker_event::SessionStopped& event, TimePoint, Step& step) {
  // What it had queued has no verdict and gets none: not_started() lists it, and pytest prints nothing for it either.
  dispatcher.drop(event.slot);
  stop(event.reason, step);
}

void Scheduler::State::on(const worker_event::StopRequested& event, TimePoint, Step& step) { stop(event.reason, step); }

void Scheduler::State::on(const worker_event::WorkerUnavailable& event, TimePoint, Step&) {
  // As a death before Ready, without another attempt.
  dispatcher.lost(event.slot, std::nullopt, false);
  dispatcher.give_up(event.slot, event.reason);
}

void Scheduler::State::verdict(TestResult result, TimePoint now, Step& step) {
  invariant(!has_verdict[result.item], "a second verdict on one item");
  const ItemIndex item = result.item;
  failures += failures_of(result);
  step.events.emplace_back(event::TestFinished{std::move(result), now});
  has_verdict[item] = true;
  --unsettled;
  if (options.maxfail > 0 && failures >= options.maxfail) {
    // pytest's words, from the same function as the rule of failures_of().
    stop("stopping after " + std::to_string(failures) + " failures", step);
  }
}

void Scheduler::State::not_run(const Dispatcher::Lost& lost, TimePoint now, Step& step) {
  for (const ItemIndex item : lost.items) {
    TestResult result;
    result.item = item;
    result.outcome = outcome::NotRun{lost.reason};
    estimates.settled(item);
    verdict(std::move(result), now, step);
  }
}

// Said at once: nothing that happens in the run could change it.
void Scheduler::State::impossible(TimePoint now, Step& step) {
  told_impossible = true;
  for (const auto& [item, why] : dispatcher.impossible()) {
    if (stopped) return;
    estimates.settled(item);
    verdict(cannot_have(collection.items[item], item, why), now, step);
  }
}

void Scheduler::State::stop(std::string reason, Step& step) {
  if (stopped) return;
  stopped = true;
  step.events.emplace_back(event::RunStopped{std::move(reason)});
  // The stop word before the `finish` frames: a worker that is told to finish runs its queue unless a stop has emptied
  // it.
  step.actions.emplace_back(action::StopAll{});
  dispatcher.finish_all(step);
}

void Scheduler::State::settle(TimePoint now, Step& step) {
  if (stopped) return;
  for (const Dispatcher::Lost& lost : dispatcher.settle(step)) not_run(lost, now, step);
  // Idle workers are kept until the last verdict, because the queue of a worker that dies comes back.
  if (unsettled == 0) dispatcher.finish_all(step);
}

Scheduler::Scheduler(const Collection& collection, SchedulerOptions options)
    : state_(std::make_unique<State>(collection, std::move(options))) {}

Scheduler::~Scheduler() = default;

void Scheduler::State::handle(WorkerEvent& event, TimePoint now) {
  // Impossible tests count for --maxfail, so their verdicts come before anything is given out. At the end of a worker
  // they come after the event: a stop must not tell that worker to finish.
  const bool ends = std::holds_alternative<worker_event::Exited>(event) ||
                    std::holds_alternative<worker_event::WorkerUnavailable>(event);
  dispatcher.at(now);
  if (!ends && !told_impossible) impossible(now, current);
  std::visit([&](auto& e) { on(e, now, current); }, event);
  if (!told_impossible) impossible(now, current);
  settle(now, current);
  for (RunEvent& out : current.events) {
    if (auto* recycled = std::get_if<event::WorkerRecycled>(&out)) recycled->at = now;
  }
  // Verdicts come first, then what they set free, then what was taken for others.
  for (RunEvent& change : dispatcher.held_changes()) {
    if (auto* taken = std::get_if<event::ResourcesTaken>(&change)) taken->at = now;
    if (auto* released = std::get_if<event::ResourcesReleased>(&change)) released->at = now;
    current.events.push_back(std::move(change));
  }
}

/// Of an event that could not be handled: no finished result is lost.
void Scheduler::State::keep_verdict(WorkerEvent& event, TimePoint now) {
  const auto keep = [&](TestResult result) {
    if (result.item < has_verdict.size() && !has_verdict[result.item])
      current.events.emplace_back(event::TestFinished{std::move(result), now});
  };
  if (auto* finished = std::get_if<worker_event::Finished>(&event)) keep(std::move(finished->result));
  const auto* exited = std::get_if<worker_event::Exited>(&event);
  if (exited && exited->current) keep(result_of(*exited, now));
}

Step Scheduler::handle(WorkerEvent event, TimePoint now) {
  try {
    state_->handle(event, now);
  } catch (...) {
    state_->keep_verdict(event, now);
    throw;
  }
  return std::exchange(state_->current, {});
}

std::vector<RunEvent> Scheduler::untold() { return std::move(state_->current.events); }

bool Scheduler::done() const {
  if (!state_->stopped && state_->unsettled > 0) return false;
  // The processes of a dead worker may use what it held: the run waits for Swept.
  if (!state_->dispatcher.nothing_held()) return false;
  const WorkerStates& crew = state_->dispatcher.crew();
  // After a stop the queue of a living worker may still hold what it was at.
  return std::all_of(crew.begin(), crew.end(), [](const WorkerState& worker) {
    return !worker.alive() || (worker.told_to_finish && worker.queue.empty());
  });
}

bool Scheduler::stopped() const { return state_->stopped; }

std::vector<ItemIndex> Scheduler::not_started() const {
  std::vector<ItemIndex> items;
  for (ItemIndex i = 0; state_->stopped && i < state_->has_verdict.size(); ++i) {
    if (!state_->has_verdict[i]) items.push_back(i);
  }
  return items;
}

std::optional<Duration> Scheduler::left() const {
  const std::size_t workers = alive(state_->dispatcher.crew());
  if (state_->stopped || workers == 0 || !state_->estimates.known()) return std::nullopt;
  return state_->estimates.remaining() / static_cast<Duration::rep>(workers);
}

}  // namespace trun
