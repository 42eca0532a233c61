#include "runner/engine.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "collectors/discover.h"
#include "runner/collect_phase.h"
#include "runner/containment/cleanup_coordinator.h"
#include "runner/containment/containment.h"
#include "runner/containment/keys.h"
#include "runner/containment/reaper.h"
#include "runner/dry_run.h"
#include "runner/exit_facts.h"
#include "runner/kernel/event_loop.h"
#include "runner/kernel/surroundings.h"
#include "runner/kernel/wake_up.h"
#include "runner/merge.h"
#include "runner/narrator.h"
#include "runner/nothing_found.h"
#include "runner/run_phase.h"
#include "runner/run_plan.h"
#include "runner/separation.h"
#include "runner/services/service_desk.h"
#include "runner/shutdown.h"
#include "runner/supervisor.h"
#include "runner/wire/protocol.h"
#include "runner/worker_factory.h"
#include "runner/workers/crew.h"
#include "runner/workers/fork_server.h"
#include "runner/workers/interpreter.h"
#include "runner/workers/job_control.h"
#include "runner/workers/oom_watch.h"
#include "runner/workers/orphans.h"
#include "runner/workers/worker_watch.h"

namespace trun {
namespace {

/// How long the clean-up may take; when the terminal or the guardian is gone, nothing is to be left after 2 s.
constexpr Duration kOrderly = std::chrono::seconds(5), kHastily = std::chrono::seconds(1);

/// One run. The stages are in run(); each reads as one sentence of it.
class Engine : private WorkerObserver {
 public:
  Engine(const Config& config, const EngineFiles& files, Guardianship guardian)
      : config_(config),
        files_(files),
        guardian_(std::move(guardian)),
        server_(
            loop_,
            [this](auto stream, auto line) {
              narrator_.say({std::nullopt, stream, std::string(line)});
            },
            [this] { return abandoned_ || (ended_ && started_ == TimePoint{}); }) {}

  int run() {
    watch_world();
    at("starting pytest");
    Status status = start_server();
    at("looking for test files");
    if (status.ok() && !ended_) status = plan_run();
    at("collecting");
    if (status.ok() && !ended_) status = collect();
    at("running tests");
    if (status.ok() && !ended_) run_tests();
    at("ending the run");
    return finish(status);
  }

 private:
  void watch_world() {
    (void)posix::set_subreaper();
    answer_wake_ups();
    loop_.watch(guardian_.pipe.get(), [this] {
      loop_.unwatch(guardian_.pipe.get());
      respond(jobs_.hang_up(plan_.attached, Clock::now()));
    });
    shutdown_.hold_helpers();
    cleanup_.add({CleanupPhase::reports, "terminal", {}, [this] { return keys_.leave(); }, {}, {}});
    server_.on_launch([this](pid_t pid) { containment_.enter(pid); });
    loop_.on_signals(JobControl::signals(), [this](int signal) { on_signal(signal); });
    loop_.every(std::chrono::milliseconds(100), [this] { tick(); });
  }

  Status start_server() {
    TRUN_TRY(python,
             find_interpreter({config_.python, environment("VIRTUAL_ENV"), current_directory(), environment("PATH")}));
    python_ = std::move(python);
    for (const auto& [name, value] : config_.environment) ::setenv(name.c_str(), value.c_str(), 1);
    const Hello hello{config_.pytest_args, std::nullopt, terminal_width(), wants_color("auto", STDOUT_FILENO),
                      current_directory()};
    auto answer = server_.open(python_, files_.boot, hello, config_.collect_timeout.value_or(Duration{0}));
    if (!answer.ok()) {
      narrator_.print_held();
      return answer.error();
    }
    if (const auto* usage = std::get_if<Usage>(&*answer)) return refuse(*usage);
    pytest_ = std::move(std::get<Configured>(*answer));
    if (pytest_.version != kProtocolVersion) {
      return internal_error("the worker package beside the binary is of another version; build again with ./dev build");
    }
    color_ = wants_color(pytest_.options.color, STDOUT_FILENO);
    return ok_status();
  }

  /// pytest did not get as far as its fork point: its own words go to the terminal, its exit code is ours.
  Status refuse(const Usage& usage) {
    server_.stop(Clock::now() + std::chrono::seconds(5));
    narrator_.print_held();
    if (usage.no_pytest) {
      std::fprintf(stderr, "trun: %s has no pytest: install it there, or name another interpreter with --python\n",
                   python_.c_str());
    }
    return end(usage.exit);
  }

  Status plan_run() {
    found_ = discover(pytest_.args, pytest_.invocation_dir, pytest_.rootdir, discover_options(pytest_));
    history_ = History({pytest_.durations.begin(), pytest_.durations.end()});
    TRUN_TRY(plan, decide(config_, pytest_, found_, history_));
    plan_ = std::move(plan);
    if (config_.dry_run && plan_.solo)
      return usage_error("--dry-run does not go with what pytest alone can run: " + plan_.solo_reasons.front());
    TRUN_CHECK(narrator_.open(config_, pytest_, plan_.attached ? 0 : plan_.workers, plan_.solo, guardian_.page));
    TRUN_TRY(page, RunPage::create(plan_.workers));
    run_page_ = std::move(page);
    run_id_ = fresh_run_id();
    TRUN_CHECK(separation_.open(config_.separation, run_id_, plan_.workers));
    TRUN_CHECK(services_.open(config_, run_id_, plan_, separation_));
    TRUN_CHECK(containment_.limit_memory(config_, cleanup_));
    factory_ = std::make_unique<WorkerFactory>(WorkerTerms{config_, pytest_, found_, plan_, run_page_, separation_,
                                                           services_, containment_.memory(), run_id_, color_},
                                               server_);
    started_ = Clock::now();
    for (const std::string& told : containment_.told()) plan_.why.push_back(told);
    tell(run_started(plan_, config_, pytest_, run_id_, begin_));
    if (plan_.solo) std::fprintf(stderr, "trun: %s\n", why_solo(plan_, config_).c_str());
    return factory_->check_environment();
  }

  // ---- collection

  Status collect() {
    collecting_ = std::make_unique<CollectPhase>(CollectPhase::Ground{
        plan_, found_, pytest_.rootdir, crew_, narrator_, *factory_,
        [this](std::unique_ptr<WorkerProcess> worker) { return adopt(std::move(worker)); },
        [this](const auto& reached) { wait_until(reached); }, [this] { return abandoned_ || ended_; },
        [this] {
          shutdown_.end_all("the collection is repeated");
          orphans_.forget(run_id_);
        }});
    TRUN_CHECK(collecting_->run());
    collector_ = collecting_->collector();
    if (collector_) factory_->fork_from(*collector_, [this](const auto& reached) { wait_until(reached); });
    collected_ = Clock::now();
    return ended_ ? ok_status() : judge_collection();
  }

  /// What pytest does with errors, nothing found and --maxfail between collecting and running.
  Status judge_collection() {
    collection_ = collecting_->take();
    apply_rules(config_.rules(), collection_.default_timeout, collection_.collection);
    tell(event::CollectionFinished{collection_.collection, collection_.reports, Clock::now()});
    narrator_.release(plan_.mode == CollectMode::each);
    for (const auto& reason : collection_.lane) notice(event::Notice::Level::detail, "standard lane: " + reason);
    if (plan_.solo && !collection_.ended) return ok_status();
    if (collection_.stopped) tell(event::RunStopped{*collection_.stopped});
    if (collection_.ended) return end(stop_code_.value_or(*collection_.ended));
    if (collection_.errors && !pytest_.options.continue_on_collection_errors) {
      tell(event::RunStopped{"Interrupted: " + std::to_string(collection_.errors) +
                             (collection_.errors == 1 ? " error" : " errors") + " during collection"});
      return end(kInterrupted);
    }
    if (auto why = nothing_found(pytest_, found_, collection_)) notice(event::Notice::Level::warning, std::move(*why));
    if (!config_.dry_run) return services_.begin();
    const auto& collection = collection_.collection;
    notice(event::Notice::Level::info, dry_run_text(config_, plan_, services_.would_start(), collection));
    return end(collection.items.empty() ? kNothing : kOk);
  }

  // ---- running

  void run_tests() {
    if (plan_.solo) return run_solo();
    SchedulerOptions options = scheduler_options(plan_, config_, pytest_, collection_.collection, history_);
    const RunPhase::Ground ground{
        collection_, crew_,           run_page_,
        narrator_,   pytest_.rootdir, [this](Slot slot, const auto& only) { return start_worker(slot, only); }};
    phase_ = std::make_unique<RunPhase>(ground, std::move(options));
    if (plan_.mode == CollectMode::once) {
      for (Slot slot = 0; slot < plan_.workers; ++slot) phase_->start(slot);
    } else {
      for (auto& worker : crew_.workers()) phase_->take_in(*worker);
    }
    while (!phase_->done() && !abandoned_) {
      phase_->drain();
      if (!phase_->done()) loop_.run_one(std::chrono::milliseconds(100));
    }
    phase_->drain();
  }

  /// A worker beside those that collected. It inherits the collection, or collects `only`.
  Result<WorkerProcess*> start_worker(Slot slot, const std::vector<std::string>& only) {
    TRUN_TRY(worker, factory_->fork(slot, only));
    return adopt(std::move(worker));
  }

  /// pytest's own loop runs the items, in the order of the collection; trun takes down what it says.
  void run_solo() {
    WorkerProcess* worker = crew_.latest(0);
    if (!worker) return;
    for (ItemIndex i = 0; i < collection_.collection.items.size(); ++i) worker->assigned.push_back(i);
    solo_runs_ = true;
    on_heard(*worker);
    wait_until([&] { return crew_.gone(*worker); });
  }

  WorkerProcess* adopt(std::unique_ptr<WorkerProcess> made) {
    WorkerProcess* worker = crew_.adopt(std::move(made));
    if (!worker->collector) tell(event::WorkerStarted{worker->slot, worker->pid, Clock::now()});
    watch_.add(*worker);
    shutdown_.hold_worker(*worker);
    return worker;
  }

  // ---- what workers say

  void on_frame(WorkerProcess& worker, FromWorker& frame) override {
    std::visit([&](auto& f) { take(worker, f); }, frame);
  }

  void take(WorkerProcess& worker, ReadyFrame& frame) {
    worker.configured = true;
    if (plan_.mode == CollectMode::sharded) collecting_->refuse(frame.against_sharded);
  }

  void take(WorkerProcess& worker, CollectingFrame& frame) {
    worker.collecting = std::move(frame);
    worker.collecting_since = Clock::now();
  }

  void take(WorkerProcess& worker, Collected& frame) {
    worker.collection = std::move(frame);
    if (phase_) phase_->ready(worker);
  }

  void take(WorkerProcess& worker, NeedFrame&) {
    on_heard(worker);
    if (phase_) phase_->push(worker_event::NeedsWork{worker.slot});
  }

  void take(WorkerProcess& worker, ResultFrame& frame) { worker.results.push_back(std::move(frame)); }
  void take(WorkerProcess& worker, WarningFrame& frame) {
    narrator_.warn(worker.slot, worker.attempt, std::move(frame.warning));
  }
  void take(WorkerProcess&, SuitePropertyFrame& frame) { tell(frame.property); }
  void take(WorkerProcess& worker, StoppedFrame& frame) {
    if (worker.stopping) return;  // it takes the SIGTERM for the user's
    worker.stopped = frame;
    if (frame.kind == StoppedFrame::Kind::internal)
      notice(event::Notice::Level::error, "INTERNALERROR> " + frame.reason);
    if (frame.kind != StoppedFrame::Kind::failed) stop_code_ = frame.exit;
    on_heard(worker);
    if (phase_) phase_->session_stopped(worker, frame.reason);
  }

  void take(WorkerProcess& worker, GaveBackFrame& frame) {
    on_heard(worker);
    if (phase_ && !phase_->gave_back(worker, frame)) watch_.lose(worker, "it gave back what it was not given");
  }
  void take(WorkerProcess& worker, Question& question) {
    separation_.ask(worker, question);
    if (!phase_ || !worker.lingers) return;
    on_heard(worker);
    phase_->lingers(worker);
  }
  void take(WorkerProcess& worker, DoneFrame& frame) { worker.done = std::move(frame); }
  void take(WorkerProcess&, Forked& frame) { factory_->answered(frame); }
  void take(WorkerProcess&, ForkFailed& frame) { factory_->answered(internal_error("cannot fork: " + frame.error)); }

  /// Turns what page and frames hold into verdicts.
  void on_heard(WorkerProcess& worker) override {
    if (!phase_ && !solo_runs_) return;  // a solo session does not wait for the collection to be told
    auto results = take_results(worker);
    if (!results.ok()) return watch_.lose(worker, results.error().message);
    for (TestResult& result : *results) finished(std::move(result));
    if (phase_) phase_->heard(worker);
  }

  void finished(TestResult result) {
    services_.judge(result);
    judge_leaks(config_.leak, result);
    narrator_.leaks(collection_.collection.items[result.item].id, result);
    if (phase_) {
      phase_->push(worker_event::Finished{result.slot, std::move(result)});
    } else {
      tell(event::TestFinished{std::move(result), Clock::now()});
    }
  }

  void on_line(WorkerProcess& worker, event::OutputLine::Stream stream, std::string_view line) override {
    // Every worker configures for itself: what is said then, the first says for all.
    const bool repeated = !worker.configured && !worker.collector && (worker.slot != 0 || worker.attempt > 1);
    if (!repeated) narrator_.say({worker.slot, stream, std::string(line)});
  }

  void on_exit(WorkerProcess& worker) override {
    shutdown_.release(worker);
    separation_.gone(worker);
    worker.starved = exhaustion(worker, config_);
    if (worker.starved.empty()) worker.starved = oom_.evidence(worker);
    supervisor_.tell_end(worker, plan_.solo);
    if (worker.collector) return;
    tell(event::WorkerExited{worker.slot, worker.pid, ending(worker), worker.exited->peak_rss, worker.exited->cpu,
                             Clock::now()});
    if (!phase_ && !plan_.solo) return;
    worker_event::Exited event = services_.witnessed(Crew::last_moment(worker));
    if (phase_) {
      phase_->exited(worker, std::move(event));
    } else if (event.current) {
      tell(event::TestFinished{result_of(event, Clock::now()), Clock::now()});
    }
  }

  // ---- the clock and the user

  void tick() {
    guardian_.page.beat();
    server_.flush();
    (void)narrator_.flush();
    if (narrator_.unread() && !stop_code_) stop("standard output is closed, nobody reads it");
    if (woken() && !std::exchange(stalled_, true)) {
      stop("trun itself stood still (--stall-limit)");
      stop_code_ = kInternal;
    }
    if (started_ != TimePoint{} && !plan_.attached && keys_.pressed('t')) supervisor_.show_running(Clock::now());
    oom_.tick(Clock::now());
    if (supervisor_.run_is_over(begin_, Clock::now())) {
      stop("the run's time is up (--run-timeout)");
      supervisor_.stop_all("the run's time was up", Clock::now());
    }
    for (auto& worker : crew_.workers()) {
      if (crew_.gone(*worker)) continue;
      worker->channel.flush();
      if (!worker->assigned.empty() && worker->lost.empty()) on_heard(*worker);
    }
    supervisor_.tick(Clock::now());
    respond(jobs_.tick(plan_.attached, Clock::now()));
    if (phase_) phase_->look_at_dead();
    services_.tick(Clock::now());
    orphans_.tick(run_id_);
    (void)reap_strangers([this](pid_t pid) { return is_own(pid) || crew_.knows(pid); });
    if (phase_) phase_->sweep_dead([this](const WorkerProcess& worker) { return orphans_.any_of(worker); });
    tell(event::Progress{Clock::now(), crew_.at_work(), phase_ ? phase_->left() : std::nullopt});
  }

  void on_signal(int signal) {
    if (signal == SIGUSR1) return supervisor_.show_running(Clock::now());
    const TimePoint before = Clock::now();
    if (signal == SIGTSTP) (void)keys_.leave();
    const JobControl::Response response = jobs_.on_signal(signal, plan_.attached, Clock::now());
    if (signal == SIGTSTP) supervisor_.paused(before, Clock::now());
    respond(response);
  }

  void respond(JobControl::Response response) {
    if (response == JobControl::Response::nothing) return;
    abandoned_ = response == JobControl::Response::abandon;
    stop("KeyboardInterrupt");
  }

  /// The run is to end: nothing new starts.
  void stop(const std::string& reason) {
    stop_code_ = kInterrupted;
    if (run_page_.fd().valid()) run_page_.stop();
    if (phase_) {
      phase_->push(worker_event::StopRequested{reason});
    } else if (!ended_ && !plan_.solo) {
      if (started_ != TimePoint{}) tell(event::RunStopped{reason});
      (void)end(kInterrupted);
    }
  }

  template <typename Predicate>
  void wait_until(Predicate reached) {
    while (!reached() && !abandoned_) loop_.run_one(std::chrono::milliseconds(50));
  }

  // ---- the end

  Status end(int code) {
    exit_code_ = code;
    ended_ = true;
    return ok_status();
  }

  int finish(const Status& status) {
    if (!status.ok() && !ended_) {
      std::fprintf(stderr, "trun: %s\n", status.error().message.c_str());
      (void)end(status.error().kind == Error::Kind::usage ? kUsage : kInternal);
    }
    const Duration running = Clock::now() - collected_;
    const bool caching = !plan_.solo && pytest_.options.cache && shutdown_.ask_for_cache(collection_, history_);
    separation_.tests_are_over();
    shutdown_.end_sessions(stop_code_.has_value());
    if (phase_) phase_->drain();
    if (caching) shutdown_.await_cache();
    shutdown_.clean_up(abandoned_ ? "nobody waits for it" : "the run is over", jobs_.hung_up() ? kHastily : kOrderly);
    if (phase_) phase_->drain();
    if (started_ == TimePoint{}) return exit_code_;
    narrator_.release(plan_.mode == CollectMode::each);
    event::RunFigures figures = narrator_.tally().figures(running);
    figures.wall = Clock::now() - begin_;
    figures.startup = started_ - begin_;
    figures.collection = collected_ > started_ ? collected_ - started_ : Duration{0};
    const int code = exit_code();
    shutdown_.report({code, std::move(figures), Clock::now()});
    at("waiting for the reader of its output");
    shutdown_.write_out();
    return narrator_.failed() && code == kOk ? kInternal : code;
  }

  int exit_code() const {
    if (ended_) return exit_code_;
    if (plan_.solo) return crew_.session_code(0).value_or(stop_code_.value_or(kInternal));
    ExitFacts facts = exit_facts(stop_code_, collection_, narrator_.tally(), crew_, pytest_.options.max_warnings);
    if (supervisor_.session_lost()) facts.sessions.push_back(kInternal);
    return trun::exit_code(facts);
  }

  // ---- words

  void at(std::string_view stage) { guardian_.page.at(stage); }
  void tell(RunEvent event) { narrator_.tell(std::move(event)); }
  bool is_own(pid_t pid) const { return pid == server_.pid() || services_.knows(pid); }
  void notice(event::Notice::Level level, std::string text) { narrator_.notice(level, std::move(text)); }

  // Constant after construction.
  const Config& config_;
  const EngineFiles& files_;
  Guardianship guardian_;
  const TimePoint begin_ = Clock::now();
  EventLoop loop_;
  ForkServer server_;
  WorkerWatch watch_{loop_, *this};

  // Known after planning.
  std::string python_;
  Configured pytest_;
  Discovery found_;
  History history_;
  RunPlan plan_;
  RunPage run_page_;
  std::string run_id_;
  bool color_ = false;
  std::unique_ptr<WorkerFactory> factory_;
  TimePoint started_{}, collected_{};

  // The run.
  Narrator narrator_;
  Crew crew_;
  CleanupCoordinator cleanup_;
  Shutdown shutdown_{{config_, loop_, crew_, server_, cleanup_, narrator_, [this] { return abandoned_; }}};
  Gathered collection_;
  JobControl jobs_{crew_};
  Separation separation_{narrator_, cleanup_};
  Keys keys_{guardian_.page};
  Containment containment_{guardian_.page, config_.safeguards.sweep};
  OomWatch oom_;
  ServiceDesk services_{{loop_, narrator_, cleanup_, guardian_.page, collection_.collection,
                         [this](const auto& reached) { wait_until([&] { return ended_ || reached(); }); }}};
  Orphans orphans_{{collection_.collection, crew_, config_, [this](pid_t pid) { return is_own(pid); },
                    [this](const auto& test, const auto& what) { narrator_.leak(test, "processes", what); }}};
  std::unique_ptr<CollectPhase> collecting_;
  Supervisor supervisor_{{config_, collection_.collection, crew_, watch_, narrator_}};
  std::unique_ptr<RunPhase> phase_;
  WorkerProcess* collector_ = nullptr;

  // How it ends.
  bool ended_ = false, abandoned_ = false, solo_runs_ = false, stalled_ = false;
  int exit_code_ = kOk;
  std::optional<int> stop_code_;
};

}  // namespace

int run_engine(const Config& config, const EngineFiles& files, Guardianship guardian) {
  const int code = Engine(config, files, std::move(guardian)).run();
  // Whoever waits for the run waits for the guardian: one that somebody has stopped would keep its end to itself.
  const auto parent = posix::process_facts(::getppid());
  if (parent && parent->state == 'T') ::kill(parent->pid, SIGCONT);
  return code;
}

}  // namespace trun
