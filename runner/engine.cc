#include "runner/engine.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "collectors/discover.h"
#include "runner/crew.h"
#include "runner/event_loop.h"
#include "runner/fork_server.h"
#include "runner/interpreter.h"
#include "runner/merge.h"
#include "runner/process_tree.h"
#include "runner/protocol.h"
#include "runner/reaper.h"
#include "runner/reports.h"
#include "runner/run_plan.h"
#include "scheduler/scheduler.h"

namespace trun {
namespace {

constexpr int kOk = 0, kFailed = 1, kInterrupted = 2, kInternal = 3, kUsage = 4, kNothing = 5, kMaxWarnings = 6;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string fresh_run_id() {
  std::random_device random;
  char id[33];
  std::snprintf(id, sizeof id, "%08x%08x%08x%08x", random(), random(), random(), random());
  return id;
}

std::int64_t unix_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/// One run. The stages are in run(); each reads as one sentence of it.
class Engine {
 public:
  Engine(const Config& config, const EngineFiles& files, Fd guardian)
      : config_(config), files_(files), guardian_(std::move(guardian)),
        server_(loop_, [this](auto stream, auto line) { server_lines_.push_back({std::nullopt, stream, std::string(line)}); }) {}

  int run() {
    watch_world();
    Status status = start_server();
    if (status.ok() && !ended_) status = plan_run();
    if (status.ok() && !ended_) status = collect();
    if (status.ok() && !ended_) run_tests();
    return finish(status);
  }

 private:
  void watch_world() {
    (void)posix::set_subreaper();
    loop_.watch(guardian_.get(), [this] { stop("the guardian is gone"); loop_.unwatch(guardian_.get()); });
    loop_.on_signals({SIGINT, SIGTERM, SIGHUP, SIGQUIT}, [this](int signal) { interrupted(signal); });
    loop_.every(std::chrono::milliseconds(100), [this] { tick(); });
  }

  Status start_server() {
    const std::string cwd = ::get_current_dir_name();
    TRUN_TRY(python, find_interpreter({config_.python, environment("VIRTUAL_ENV"), cwd, environment("PATH")}));
    color_ = wants_color("auto", STDOUT_FILENO);
    Hello hello{config_.pytest_args, std::nullopt, terminal_width(), color_, cwd};
    TRUN_CHECK(server_.start(python, files_.boot, hello));
    TRUN_TRY(answer, server_.receive());
    if (const auto* usage = std::get_if<Usage>(&answer)) return refuse(*usage, python);
    auto* configured = std::get_if<Configured>(&answer);
    if (!configured) return internal_error("the fork server did not say what it parsed");
    pytest_ = std::move(*configured);
    color_ = wants_color(pytest_.options.color, STDOUT_FILENO);
    return ok_status();
  }

  /// pytest did not get as far as its fork point: its own words go to the terminal, its exit code is ours.
  Status refuse(const Usage& usage, const std::string& python) {
    server_.stop(Clock::now() + std::chrono::seconds(5));
    for (const auto& line : server_lines_) {
      std::fprintf(line.stream == event::OutputLine::Stream::out ? stdout : stderr, "%s\n", line.line.c_str());
    }
    if (server_.last_words().find("No module named 'pytest'") != std::string::npos) {
      std::fprintf(stderr, "trun: %s has no pytest: install it there, or name another interpreter with --python\n", python.c_str());
    }
    exit_code_ = usage.exit;
    ended_ = true;
    return ok_status();
  }

  Status plan_run() {
    found_ = discover(pytest_.args, pytest_.invocation_dir, pytest_.rootdir, discover_options(pytest_));
    TRUN_TRY(plan, decide(config_, pytest_, found_, history_));
    plan_ = std::move(plan);
    TRUN_CHECK(reports_.open(config_, pytest_, plan_.attached ? 0 : plan_.workers, plan_.solo));
    TRUN_TRY(page, RunPage::create(plan_.workers));
    run_page_ = std::move(page);
    started_ = Clock::now();
    run_id_ = fresh_run_id();
    event::RunStarted event{run_id_, begin_, unix_ms(), pytest_.header, pytest_.rootdir, plan_.workers,
                            std::string(collect_mode_name(plan_.mode)), std::string(lane_name(config_.lane)), plan_.why};
    tell(std::move(event));
    for (const auto& line : server_lines_) tell(line);
    for (const auto& why : plan_.why) notice(event::Notice::Level::detail, why);
    if (plan_.solo && !config_.pytest_args.empty()) announce_solo();
    return ok_status();
  }

  void announce_solo() {
    std::string reasons;
    for (const auto& reason : plan_.solo_reasons) reasons += (reasons.empty() ? "" : "; ") + reason;
    std::fprintf(stderr, "trun: one worker with pytest's own terminal, as with -n 0: %s\n", reasons.c_str());
  }

  // ---- collection

  Status collect() {
    TRUN_CHECK(collect_as(plan_.mode));
    if (plan_.mode == CollectMode::sharded && !ended_) {
      if (const auto reason = merge_.again()) {
        notice(event::Notice::Level::detail, "collecting again in one process: " + *reason);
        crew_.kill_all("the collection is repeated");
        wait_for_ends();
        crew_.clear();
        plan_.mode = CollectMode::once;
        TRUN_CHECK(collect_as(CollectMode::once));
      }
    }
    collected_ = Clock::now();
    return ended_ ? ok_status() : judge_collection();
  }

  Status collect_as(CollectMode mode) {
    merge_ = Merge(mode, found_, pytest_.rootdir);
    if (mode == CollectMode::once) return collect_once();
    for (Slot slot = 0; slot < plan_.workers; ++slot) TRUN_CHECK(fork(slot, {}));
    wait_until([&] { return crew_.all_collected_or_gone(); });
    for (auto& worker : crew_.workers()) merge_.add(*worker);
    return ok_status();
  }

  Status collect_once() {
    auto worker = std::make_unique<WorkerProcess>();
    worker->collector = true;
    TRUN_CHECK(fork_from_server(*worker));
    collector_ = crew_.adopt(std::move(worker));
    collector_->channel.send(encode(start_frame(*collector_, {})));
    watch(*collector_);
    wait_until([&] { return collector_->collection || crew_.gone(*collector_); });
    merge_.add(*collector_);
    return ok_status();
  }

  /// What pytest does with errors, nothing found and --maxfail between collecting and running.
  Status judge_collection() {
    collection_ = merge_.take();
    testsfailed_ += collection_.errors;
    tell(event::CollectionFinished{collection_.collection, collection_.reports, Clock::now()});
    for (const auto& reason : collection_.lane) notice(event::Notice::Level::detail, "standard lane: " + reason);
    if (collection_.fatal) {
      exit_code_ = *collection_.fatal;
      ended_ = true;
      return ok_status();
    }
    if (collection_.stopped) {
      tell(event::RunStopped{*collection_.stopped});
      exit_code_ = kFailed;
      ended_ = true;
    } else if (collection_.errors && !pytest_.options.continue_on_collection_errors && !plan_.solo) {
      tell(event::RunStopped{"Interrupted: " + std::to_string(collection_.errors) +
                             (collection_.errors == 1 ? " error" : " errors") + " during collection"});
      exit_code_ = kInterrupted;
      ended_ = true;
    }
    return ok_status();
  }

  // ---- running

  void run_tests() {
    if (plan_.mode == CollectMode::once) fork_from_collector();
    if (plan_.solo) return run_solo();
    SchedulerOptions options;
    options.workers = plan_.workers;
    options.sharded = plan_.mode == CollectMode::sharded;
    options.in_order = plan_.workers == 1 || config_.dist == DistMode::no;
    options.affinity = affinity(config_.dist);
    options.maxfail = static_cast<unsigned>(std::max(0, pytest_.options.maxfail));
    options.max_restarts = config_.max_worker_restart.value_or(std::max(4u * plan_.workers, 20u));
    scheduler_ = std::make_unique<Scheduler>(collection_.collection, std::move(options));
    for (auto& worker : crew_.workers()) {
      if (!worker->collector && !crew_.gone(*worker)) ready(*worker);
    }
    while (!scheduler_->done() && !abandoned_) {
      loop_.run_one(std::chrono::milliseconds(100));
      drain_inbox();
    }
  }

  void ready(WorkerProcess& worker) {
    worker_event::Ready event;
    event.slot = worker.slot;
    event.all = plan_.mode != CollectMode::sharded;
    if (!event.all) event.items = collection_.items_of(*worker.collection);
    inbox_.push_back(std::move(event));
    drain_inbox();
  }

  void drain_inbox() {
    while (!inbox_.empty()) {
      const WorkerEvent event = std::move(inbox_.front());
      inbox_.pop_front();
      const Step step = scheduler_->handle(event, Clock::now());
      for (const RunEvent& out : step.events) tell(out);
      for (const Action& action : step.actions) std::visit([this](const auto& a) { perform(a); }, action);
    }
  }

  void perform(const action::Assign& a) {
    WorkerProcess* worker = crew_.at(a.slot);
    if (!worker) return;
    Assign frame;
    for (ItemIndex item : a.items) frame.items.push_back(collection_.collection.items[item].id);
    worker->assigned.insert(worker->assigned.end(), a.items.begin(), a.items.end());
    frame.low = a.low;
    frame.end = a.end;
    worker->channel.send(encode(frame));
  }

  void perform(const action::CollectFiles& a) {
    WorkerProcess* worker = crew_.at(a.slot);
    if (!worker) return;
    Collect frame;
    for (FileIndex file : a.files) frame.paths.push_back(absolute(collection_.collection.files[file].path));
    worker->channel.send(encode(frame));
  }

  void perform(const action::StartWorker& a) {
    std::vector<std::string> only;
    for (FileIndex file : a.files) only.push_back(absolute(collection_.collection.files[file].path));
    const Status status = plan_.mode == CollectMode::once ? fork_in_slot(a.slot) : fork(a.slot, only);
    if (!status.ok()) inbox_.push_back(worker_event::WorkerUnavailable{a.slot, status.error().message});
  }

  void perform(const action::FinishWorker& a) {
    if (WorkerProcess* worker = crew_.at(a.slot)) {
      worker->finishing = true;
      worker->channel.send(encode(Finish{}));
    }
  }

  void perform(const action::StopAll&) { run_page_.stop(); }

  std::string absolute(const std::string& path) const { return path.front() == '/' ? path : pytest_.rootdir + "/" + path; }

  /// pytest's own loop runs the items, in the order of the collection; trun takes down what it says.
  void run_solo() {
    WorkerProcess* worker = crew_.at(0);
    if (!worker) return;
    for (ItemIndex i = 0; i < collection_.collection.items.size(); ++i) worker->assigned.push_back(i);
    wait_until([&] { return crew_.gone(*worker); });
  }

  // ---- forking

  Start start_frame(const WorkerProcess& worker, const std::vector<std::string>& only) const {
    Start start;
    start.engine_pid = ::getpid();
    start.slot = worker.slot;
    start.worker_id = worker_name(worker.slot);
    start.worker_count = plan_.workers;
    start.testrunuid = run_id_;
    start.workerinput = !plan_.attached && !worker.collector;
    start.attached = plan_.attached;
    start.role = worker.collector ? "collector" : "worker";
    start.terminal = plan_.solo ? "pytest" : "trun";
    start.lane = lane_name(config_.lane);
    start.collect = collect_mode_name(plan_.mode);
    if (plan_.mode == CollectMode::sharded) start.shard = shard(only);
    start.env = {{"TRUN_RUN_ID", run_id_}, {"TRUN_SLOT", std::to_string(worker.slot)},
                 {"TRUN_WORKER", worker_name(worker.slot)}, {"TRUN_ATTEMPT", std::to_string(worker.attempt)}};
    start.attempt = worker.attempt;
    start.columns = terminal_width();
    start.color = color_;
    start.maxfail = pytest_.options.maxfail;
    start.want_location = pytest_.ini.junit_family == "xunit1" || pytest_.ini.junit_family == "legacy";
    start.want_group = config_.dist == DistMode::loadgroup;
    return start;
  }

  Shard shard(const std::vector<std::string>& only) const {
    Shard shard;
    shard.count = plan_.workers;
    if (!only.empty()) shard.only = only;
    for (std::size_t i = 0; i < found_.files.size(); ++i) shard.owner.emplace_back(found_.files[i].path, plan_.owners[i]);
    return shard;
  }

  Status fork_from_server(WorkerProcess& worker) {
    return fork_worker([this](auto frame, const auto& fds) { server_.send(std::move(frame), fds); },
                       [this]() -> Result<Forked> { return forked(server_.receive()); }, worker, run_page_, plan_.attached,
                       !plan_.attached);
  }

  static Result<Forked> forked(Result<FromServer> answer) {
    if (!answer.ok()) return answer.error();
    if (const auto* forked = std::get_if<Forked>(&*answer)) return *forked;
    if (const auto* failed = std::get_if<ForkFailed>(&*answer)) return internal_error("cannot fork: " + failed->error);
    return internal_error("the fork server answered a fork with something else");
  }

  Status fork(Slot slot, const std::vector<std::string>& only) {
    auto worker = std::make_unique<WorkerProcess>();
    worker->slot = slot;
    worker->attempt = ++attempts_[slot];
    TRUN_CHECK(fork_from_server(*worker));
    return start_worker(std::move(worker), only);
  }

  Status start_worker(std::unique_ptr<WorkerProcess> made, const std::vector<std::string>& only) {
    WorkerProcess& worker = *crew_.adopt(std::move(made));
    worker.channel.send(encode(start_frame(worker, only)));
    tell(event::WorkerStarted{worker.slot, worker.pid, Clock::now()});
    watch(worker);
    return ok_status();
  }

  void fork_from_collector() {
    for (Slot slot = 0; slot < plan_.workers; ++slot) {
      const Status status = fork_in_slot(slot);
      if (!status.ok()) notice(event::Notice::Level::error, status.error().message);
    }
  }

  Status fork_in_slot(Slot slot) {
    auto worker = std::make_unique<WorkerProcess>();
    worker->slot = slot;
    worker->attempt = ++attempts_[slot];
    const auto send = [this](std::string frame, const std::vector<int>& fds) { collector_->channel.send(std::move(frame), fds); };
    const auto answer = [this]() -> Result<Forked> {
      wait_until([this] { return !collector_answers_.empty() || crew_.gone(*collector_); });
      if (collector_answers_.empty()) return internal_error("the collecting process is gone");
      auto first = std::move(collector_answers_.front());
      collector_answers_.pop_front();
      return forked(std::move(first));
    };
    TRUN_CHECK(fork_worker(send, answer, *worker, run_page_, plan_.attached, !plan_.attached));
    worker->collection = Collected{};
    const bool running = scheduler_ != nullptr;
    WorkerProcess* made = worker.get();
    TRUN_CHECK(start_worker(std::move(worker), {}));
    if (running) inbox_.push_back(worker_event::Ready{made->slot, {}, true});
    return ok_status();
  }

  // ---- what workers say

  void watch(WorkerProcess& worker) {
    WorkerProcess* w = &worker;
    loop_.watch(w->channel.socket().get(), [this, w] { heard(*w); });
    loop_.watch(w->out.fd().get(), [this, w] { printed(*w, w->out, event::OutputLine::Stream::out); });
    loop_.watch(w->err.fd().get(), [this, w] { printed(*w, w->err, event::OutputLine::Stream::err); });
    loop_.watch(w->pidfd.get(), [this, w] { died(*w); });
  }

  void printed(WorkerProcess& worker, LinePipe& pipe, event::OutputLine::Stream stream) {
    const auto line = [&](std::string_view text) { tell(event::OutputLine{worker.slot, stream, std::string(text)}); };
    if (!pipe.read(line)) {
      pipe.finish(line);
      loop_.unwatch(pipe.fd().get());
    }
  }

  void heard(WorkerProcess& worker) {
    if (!worker.channel.read()) {
      worker.silent = true;
      loop_.unwatch(worker.channel.socket().get());
    }
    while (true) {
      const auto payload = worker.channel.next();
      if (!payload.ok()) return lose(worker, payload.error().message);
      if (!*payload) break;
      if (worker.collector && worker.collection) {
        collector_answers_.push_back(decode_from_server(**payload));
        continue;
      }
      auto frame = decode_from_worker(**payload);
      if (!frame.ok()) return lose(worker, frame.error().message);
      std::visit([&](auto& f) { take(worker, f); }, *frame);
    }
    deliver(worker);
  }

  void take(WorkerProcess& worker, ReadyFrame& frame) {
    if (plan_.mode == CollectMode::sharded && !worker.collector) merge_.refuse(frame.against_sharded);
  }

  void take(WorkerProcess& worker, Collected& frame) {
    if (!worker.collection) {
      worker.collection = std::move(frame);
      if (scheduler_) ready_again(worker);
    } else if (scheduler_) {
      inbox_.push_back(worker_event::Collected{worker.slot, collection_.items_of(frame)});
    }
  }

  void ready_again(WorkerProcess& worker) {
    worker_event::Ready event{worker.slot, {}, plan_.mode != CollectMode::sharded};
    if (!event.all) event.items = collection_.items_of(*worker.collection);
    inbox_.push_back(std::move(event));
  }

  void take(WorkerProcess& worker, NeedFrame&) {
    deliver(worker);
    if (scheduler_) inbox_.push_back(worker_event::NeedsWork{worker.slot});
  }

  void take(WorkerProcess& worker, ResultFrame& frame) { worker.results.push_back(std::move(frame)); }

  void take(WorkerProcess& worker, WarningFrame& frame) {
    // Every worker has configured for itself, and with "each" collected for itself: one of them speaks for all.
    const bool repeated = frame.warning.when == "config" || (frame.warning.when == "collect" && plan_.mode == CollectMode::each);
    if (repeated && (worker.slot != 0 || worker.attempt > 1)) return;
    ++warnings_;
    tell(frame.warning);
  }

  void take(WorkerProcess&, SuitePropertyFrame& frame) { tell(frame.property); }

  void take(WorkerProcess& worker, StoppedFrame& frame) {
    worker.stopped = frame;
    if (frame.kind == StoppedFrame::Kind::internal) notice(event::Notice::Level::error, "INTERNALERROR> " + frame.reason);
    if (frame.kind != StoppedFrame::Kind::failed) stop_code_ = frame.exit;
    deliver(worker);
    if (scheduler_) inbox_.push_back(worker_event::SessionStopped{worker.slot, stop_reason(frame)});
  }

  static std::string stop_reason(const StoppedFrame& frame) { return frame.reason; }

  void take(WorkerProcess&, Question&) {}

  void take(WorkerProcess& worker, DoneFrame& frame) { worker.done = std::move(frame); }

  /// Turns what page and frames hold into verdicts.
  void deliver(WorkerProcess& worker) {
    auto results = take_results(worker);
    if (!results.ok()) return lose(worker, results.error().message);
    for (TestResult& result : *results) {
      if (is_bad(result.outcome)) ++testsfailed_;
      note(result);
      if (scheduler_) {
        inbox_.push_back(worker_event::Finished{worker.slot, std::move(result)});
      } else {
        tell(event::TestFinished{std::move(result), Clock::now()});
      }
    }
  }

  void note(const TestResult& result) {
    sums_.setup += result.setup;
    sums_.call += result.call;
    sums_.teardown += result.teardown;
    busy_[result.slot] += seconds(result.total());
  }

  /// Nonsense or silence: the process is ended with its group, its work goes elsewhere.
  void lose(WorkerProcess& worker, const std::string& why) {
    if (!worker.lost.empty()) return;
    worker.lost = why;
    loop_.unwatch(worker.channel.socket().get());
    crew_.kill(worker);
  }

  void died(WorkerProcess& worker) {
    auto status = posix::reap(worker.pid);
    if (status.ok() && !status.value()) return;
    worker.exited = status.ok() ? *status.value() : posix::ExitStatus{};
    loop_.unwatch(worker.pidfd.get());
    if (worker.lost.empty()) heard(worker);
    const auto line = [&](auto stream) {
      return [this, &worker, stream](std::string_view text) { tell(event::OutputLine{worker.slot, stream, std::string(text)}); };
    };
    (void)worker.out.read(line(event::OutputLine::Stream::out));
    (void)worker.err.read(line(event::OutputLine::Stream::err));
    loop_.unwatch(worker.out.fd().get());
    loop_.unwatch(worker.err.fd().get());
    loop_.unwatch(worker.channel.socket().get());
    if (!plan_.attached) (void)posix::kill_group(worker.pid, SIGKILL);
    bury(worker);
  }

  void bury(WorkerProcess& worker) {
    if (!worker.collector) {
      tell(event::WorkerExited{worker.slot, worker.pid, ending(worker), worker.exited->peak_rss, worker.exited->cpu, Clock::now()});
    }
    if (worker.collector || (!scheduler_ && !plan_.solo)) return;
    worker_event::Exited event;
    event.slot = worker.slot;
    const auto snapshot = worker.page.snapshot();
    const bool at_work = !worker.stopped && !worker.done && snapshot.ok() && worker.delivered < worker.assigned.size() &&
                         snapshot->phase >= Phase::setup && snapshot->phase <= Phase::teardown &&
                         snapshot->ordinal == worker.delivered;
    if (at_work || (!worker.lost.empty() && worker.delivered < worker.assigned.size())) {
      event.current = worker.assigned[worker.delivered];
      event.verdict = crew_.verdict(worker, at_work ? snapshot->phase : Phase::call);
      event.started = at_work ? snapshot->since : Clock::now();
      event.last_words = worker.err.tail();
    }
    if (scheduler_) {
      if (event.current) ++testsfailed_;
      inbox_.push_back(std::move(event));
    } else if (event.current) {
      ++testsfailed_;
      TestResult result;
      result.item = *event.current;
      result.slot = worker.slot;
      result.outcome = event.verdict;
      result.started = event.started;
      result.last_words = event.last_words;
      tell(event::TestFinished{std::move(result), Clock::now()});
    }
  }

  // ---- the clock and the user

  void tick() {
    server_.flush();
    event::Progress progress{Clock::now(), {}, scheduler_ ? scheduler_->left() : std::nullopt};
    for (auto& worker : crew_.workers()) {
      if (crew_.gone(*worker)) continue;
      worker->channel.flush();
      if (worker->collector || worker->assigned.empty()) continue;
      if (worker->lost.empty()) deliver(*worker);
      const auto snapshot = worker->page.snapshot();
      if (snapshot.ok() && snapshot->ordinal < worker->assigned.size() && snapshot->phase >= Phase::setup) {
        progress.running.push_back({worker->slot, worker->assigned[snapshot->ordinal], snapshot->phase, snapshot->since});
      }
    }
    (void)reap_strangers([this](pid_t pid) { return pid == server_.pid() || crew_.knows(pid); });
    tell(std::move(progress));
  }

  void interrupted(int signal) {
    ++interrupts_;
    stop_code_ = kInterrupted;
    if (interrupts_ >= 3) ::_exit(130);
    if (interrupts_ == 2) {
      crew_.kill_all("interrupted twice");
      abandoned_ = true;
      return;
    }
    stop("KeyboardInterrupt");
    for (auto& worker : crew_.workers()) {
      if (!crew_.gone(*worker) && !plan_.attached) (void)posix::kill_group(worker->pid, SIGINT);
    }
    if (signal != SIGINT) abandoned_ = !scheduler_;
  }

  void stop(const std::string& reason) {
    run_page_.fd().valid() ? run_page_.stop() : void();
    stop_code_ = kInterrupted;
    if (scheduler_) {
      inbox_.push_back(worker_event::StopRequested{reason});
    } else {
      ended_ = true;
      exit_code_ = kInterrupted;
    }
  }

  template <typename Predicate>
  void wait_until(Predicate reached) {
    while (!reached() && !abandoned_) loop_.run_one(std::chrono::milliseconds(50));
  }

  // ---- the end

  void wait_for_ends() {
    const TimePoint deadline = Clock::now() + std::chrono::seconds(10);
    wait_until([&] { return crew_.all_gone() || Clock::now() > deadline; });
    crew_.kill_all("it did not end");
    const TimePoint last = Clock::now() + std::chrono::seconds(2);
    while (!crew_.all_gone() && Clock::now() < last) loop_.run_one(std::chrono::milliseconds(20));
  }

  int finish(const Status& status) {
    if (!status.ok()) {
      std::fprintf(stderr, "trun: %s\n", status.error().message.c_str());
      exit_code_ = status.error().kind == Error::Kind::usage ? kUsage : kInternal;
      ended_ = true;
    }
    end_sessions();
    if (scheduler_) drain_inbox();
    const int code = exit_code();
    event::RunFinished finished{code, figures(), Clock::now()};
    save_cache();
    server_.send(encode(Exit{}));
    server_.stop(Clock::now() + std::chrono::seconds(3));
    (void)kill_descendants(Clock::now() + std::chrono::seconds(2));
    tell(std::move(finished));
    return reports_.failed() && code == kOk ? kInternal : code;
  }

  void end_sessions() {
    if (collector_ && !crew_.gone(*collector_)) collector_->channel.send(encode(Exit{}));
    for (auto& worker : crew_.workers()) {
      if (!worker->collector && !crew_.gone(*worker) && !worker->finishing) worker->channel.send(encode(Finish{}));
    }
    wait_for_ends();
  }

  int exit_code() const {
    if (ended_) return exit_code_;
    if (plan_.solo) {
      const WorkerProcess* worker = crew_.last(0);
      return worker && worker->done ? worker->done->exit : kInternal;
    }
    if (stop_code_) return *stop_code_;
    if (testsfailed_ > 0) return kFailed;
    for (const auto& worker : crew_.workers()) {
      if (worker->done && (worker->done->exit == kInternal || worker->done->exit == kUsage)) return worker->done->exit;
    }
    if (collection_.collection.items.empty()) return kNothing;
    if (pytest_.options.max_warnings && warnings_ > *pytest_.options.max_warnings) return kMaxWarnings;
    return kOk;
  }

  event::RunFigures figures() const {
    event::RunFigures figures = sums_;
    figures.wall = Clock::now() - begin_;
    figures.startup = started_ == TimePoint{} ? figures.wall : started_ - begin_;
    figures.collection = collected_ > started_ ? collected_ - started_ : Duration{0};
    const double running = std::max(1e-9, seconds(Clock::now() - collected_));
    for (const auto& [slot, busy] : busy_) figures.utilisation.emplace_back(slot, std::min(1.0, busy / running));
    return figures;
  }

  void save_cache() {
    if (plan_.solo || !pytest_.options.cache || run_id_.empty()) return;
    SaveCache frame;
    for (const auto& [item, outcome] : outcomes_) frame.results.emplace_back(collection_.collection.items[item].id, outcome);
    for (const auto& item : collection_.collection.items) frame.collected.push_back(item.id);
    for (const auto& report : collection_.reports) {
      if (report.report.outcome == "failed") frame.failed_collect.push_back(report.node_id);
    }
    server_.send(encode(frame));
    const auto answer = server_.receive();
    if (!answer.ok()) return;
    if (const auto* saved = std::get_if<CacheSaved>(&*answer); saved && saved->error) {
      notice(event::Notice::Level::warning, "the cache could not be written: " + *saved->error);
    }
  }

  // ---- words

  void tell(RunEvent event) {
    if (const auto* finished = std::get_if<event::TestFinished>(&event)) remember(finished->result);
    reports_.tell(event);
  }

  void remember(const TestResult& result) {
    if (std::holds_alternative<outcome::NotRun>(result.outcome)) return;
    outcomes_[result.item] = is_bad(result.outcome) ? "failed" : "passed";
  }

  void notice(event::Notice::Level level, std::string text) { tell(event::Notice{level, std::move(text)}); }

  // Constant after construction.
  const Config& config_;
  const EngineFiles& files_;
  Fd guardian_;
  const TimePoint begin_ = Clock::now();

  // Known after planning.
  EventLoop loop_;
  ForkServer server_;
  Configured pytest_;
  Discovery found_;
  History history_;
  RunPlan plan_;
  std::string run_id_;
  bool color_ = false;
  TimePoint started_{}, collected_{};

  // The run.
  RunPage run_page_;
  Reports reports_;
  Crew crew_;
  Merge merge_;
  Gathered collection_;
  std::unique_ptr<Scheduler> scheduler_;
  std::deque<WorkerEvent> inbox_;
  WorkerProcess* collector_ = nullptr;
  std::deque<Result<FromServer>> collector_answers_;
  std::map<Slot, int> attempts_;
  std::vector<event::OutputLine> server_lines_;

  // How it ends.
  bool ended_ = false, abandoned_ = false;
  int exit_code_ = kOk;
  std::optional<int> stop_code_;
  int interrupts_ = 0, warnings_ = 0;
  std::size_t testsfailed_ = 0;
  event::RunFigures sums_;
  std::map<Slot, double> busy_;
  std::map<ItemIndex, std::string> outcomes_;
};

}  // namespace

int run_engine(const Config& config, const EngineFiles& files, Fd guardian) {
  return Engine(config, files, std::move(guardian)).run();
}

}  // namespace trun
