// What workers say, turned into verdicts and events.
#include <algorithm>

#include "runner/engine/run.h"
#include "runner/wire/protocol.h"

namespace trun {
namespace {

constexpr const char* kNoTests = "it collects, has no tests, and spoke of tests";

template <typename T>
void append(std::vector<T>& all, std::vector<T>& more) {
  if (all.empty()) return void(all = std::move(more));
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void append(CollectedLists& parts, CollectedLists& frame) {
  append(parts.items, frame.items);
  append(parts.reports, frame.reports);
  append(parts.timeouts, frame.timeouts);
  append(parts.demands, frame.demands);
  append(parts.marks, frame.marks);
}

}  // namespace

void Engine::on_frame(WorkerProcess& worker, FromWorker& frame) {
  std::visit([&](auto& f) { take(worker, f); }, frame);
}

void Engine::take(WorkerProcess& worker, ReadyFrame& frame) {
  worker.configured = true;
  if (worker.collector) book_.collector_info = frame.info;
  host_.tell_started({worker.slot, worker.attempt}, std::move(frame.info));
  // Some hooks are there only once a worker is configured. If one needs the whole collection, it is repeated unsharded.
  if (plan_.mode == CollectMode::sharded) collecting_->refuse(frame.against_sharded);
}

void Engine::take(WorkerProcess& worker, RelayFrame& frame) {
  host_.tell(encode(HostRelay{{worker.slot, worker.attempt}, "told", std::move(frame.text)}));
}

void Engine::take(WorkerProcess& worker, CollectingFrame& frame) {
  worker.collecting = std::move(frame);
  worker.collecting_since = Clock::now();
}

void Engine::take(WorkerProcess& worker, CollectedPart& frame) { append(worker.collected_parts, frame.part); }

void Engine::take(WorkerProcess& worker, Collected& frame) {
  // A second Ready for a slot would be a bug to the scheduler; here it is the worker's.
  if (worker.collection) return watch_.lose(worker, "it collected twice");
  append(worker.collected_parts, frame);
  // `collected` is the last of the parts; places in it count from the first part.
  static_cast<CollectedLists&>(frame) = std::exchange(worker.collected_parts, {});
  worker.collection = std::move(frame);
  worker.ready_at = Clock::now();
  if (phase_) phase_->ready(worker);
}

void Engine::take(WorkerProcess& worker, NeedFrame&) {
  if (worker.collector) return watch_.lose(worker, kNoTests);
  // The ring before the frame, as docs/protocol.md has it: passes are only in the ring, and the scheduler must have
  // taken them off the queue before it looks whether that is low.
  on_heard(worker);
  if (phase_) phase_->push(worker_event::NeedsWork{worker.slot});
}

void Engine::take(WorkerProcess& worker, ResultFrame& frame) { worker.results.push_back(std::move(frame)); }

void Engine::take(WorkerProcess& worker, WarningFrame& frame) {
  narrator_.warn(worker.slot, worker.attempt, std::move(frame.warning));
}

void Engine::take(WorkerProcess& worker, SuitePropertyFrame& frame) {
  narrator_.describe(worker.slot, worker.attempt, std::move(frame.property));
}

void Engine::take(WorkerProcess& worker, StoppedFrame& frame) {
  if (worker.stopping) return;  // it takes the SIGTERM for the user's
  worker.stopped = frame;
  if (frame.kind == StoppedFrame::Kind::internal)
    narrator_.internal_error(whose(worker), {frame.reason, frame.where, frame.traceback});
  // With workers a session that has failed (-x, pytest-timeout's --session-timeout) is one of several: those at work
  // end as they would, and the run fails (exit_facts.cc).
  if (frame.kind != StoppedFrame::Kind::failed || plan_.attached) stop_code_ = frame.exit;
  // What it had finished first: session_stopped() drops what is queued.
  on_heard(worker);
  if (phase_) phase_->session_stopped(worker, frame.reason);
}

void Engine::take(WorkerProcess& worker, GaveBackFrame& frame) {
  if (worker.collector) return watch_.lose(worker, kNoTests);
  // `ordinal` is compared with what was delivered.
  on_heard(worker);
  if (phase_ && !phase_->gave_back(worker, frame)) watch_.lose(worker, "it gave back what it was not given");
}

void Engine::take(WorkerProcess& worker, Question& question) {
  separation_.ask(worker, question);
  // It lingers from `once_alone` on: the owner of a once-fixture waits for the last user. Its own last results may
  // still be in the ring.
  if (!phase_ || !worker.lingers) return;
  on_heard(worker);
  phase_->lingers(worker);
}

void Engine::take(WorkerProcess& worker, DoneFrame& frame) {
  for (const std::string& reason : frame.standard) {
    auto& told = collection_.lane;
    if (std::find(told.begin(), told.end(), reason) != told.end()) continue;
    told.push_back(reason);
    notice(event::Notice::Level::detail, "standard lane for some tests: " + reason);
  }
  worker.done = std::move(frame);
}

void Engine::take(WorkerProcess& worker, Forked& frame) { take_answer(worker, frame); }

void Engine::take(WorkerProcess& worker, ForkFailed& frame) {
  take_answer(worker, internal_error("cannot fork: " + frame.error));
}

void Engine::take_answer(WorkerProcess& worker, Result<Forked> answer) {
  if (!worker.collector || !factory_->answered(std::move(answer)))
    watch_.lose(worker, "it answered a fork that nobody had asked of it");
}

void Engine::on_heard(WorkerProcess& worker) {
  // A solo session does not wait for the collection to be told.
  if (!phase_ && !solo_.runs && !broken_) return;
  auto results = take_results(worker);
  if (!results.ok()) return watch_.lose(worker, results.error().message);
  for (TestResult& result : *results) finished(std::move(result));
  if (phase_) phase_->heard(worker);
}

void Engine::finished(TestResult result) {
  add_reruns(result);
  services_.judge(result);
  judge_leaks(config_.leak, result);
  narrator_.leaks(collection().items[result.item].id, result);
  if (phase_) {
    phase_->push(worker_event::Finished{result.slot, std::move(result)});
  } else if (!narrator_.tally().has(result.item)) {
    // Solo, or after break_off(): no scheduler keeps a test to one verdict.
    tell(event::TestFinished{std::move(result), Clock::now()});
  }
}

void Engine::on_line(WorkerProcess& worker, event::OutputLine::Stream stream, std::string_view line) {
  // Every worker configures for itself: what is said then, the plugin host or the first says for all.
  const bool repeated =
      !worker.configured && !worker.collector && (worker.slot != 0 || worker.attempt > 1 || host_.started());
  if (!repeated) narrator_.say({worker.slot, stream, std::string(line)});
  if (watch_.holds_output() || narrator_.backlog() <= kMostBacklog) return;
  // Workers then wait in write(2) once their pipes are full, as they do under pytest; tick() lets go at half of it.
  watch_.hold_output(crew_.workers(), true);
  supervisor_.paused(Clock::now(), TimePoint::max());  // who waits for a reader of stdout is at no fault
}

void Engine::on_exit(WorkerProcess& worker) {
  shutdown_.release(worker);
  separation_.gone(worker);
  // Its own group first: a kill that the machine has counted explains one death, and is not to be used up for this one.
  worker.starved = exhaustion(worker, config_);
  if (worker.starved.empty()) worker.starved = oom_.evidence(worker);
  // Its collection was thrown away, and another process has its slot.
  if (crew_.has_discarded(worker)) return let_go(worker);
  supervisor_.tell_end(worker, plan_.solo);
  if (worker.collector) return;
  tell(event::WorkerExited{worker.slot, worker.pid, ending(worker), worker.exited->peak_rss, worker.exited->cpu,
                           Clock::now()});
  // While workers collect there is no drain() that would tell the host.
  if (host_.started() && !phase_) book_.exits.push_back({&worker, {}, Clock::now()}), settle_exits();
  // The merge finds out who is gone (CollectPhase).
  if (!phase_ && !plan_.solo) return;
  worker_event::Exited event = services_.witnessed(Crew::last_moment(worker));
  explain_end(worker, event);
  if (host_.started()) {
    book_.exits.push_back({&worker, std::move(event), Clock::now()});
  } else if (phase_) {
    phase_->exited(worker, std::move(event));
  } else if (event.current) {
    // Solo: the verdict is passed at once. run_solo() goes on behind that test.
    solo_.died_in = *event.current;
    solo_.crashed = true;
    tell(event::TestFinished{result_of(event, Clock::now()), Clock::now()});
  }
}

/// Of an end between tests that nobody else explains: another process goes on there, or none can be had.
void Engine::explain_end(const WorkerProcess& worker, const worker_event::Exited& event) {
  const bool is_over = worker.done || worker.stopped || worker.stopping || ended_itself(worker);
  const bool is_explained = event.current || is_over || !worker.lost.empty();
  if (is_explained || worker.finish_told != TimePoint{}) return;
  const char* when = worker.delivered > 0 ? " ended between two tests: " : " ended before it had run a test: ";
  notice(event::Notice::Level::warning, whose(worker) + when + ending(worker) + last_words(worker));
}

}  // namespace trun
