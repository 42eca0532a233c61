#include "runner/engine/engine.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "runner/base/guarded.h"
#include "runner/engine/dry_run.h"
#include "runner/engine/nothing_found.h"
#include "runner/engine/run.h"
#include "runner/engine/time_limits.h"
#include "runner/kernel/heap.h"
#include "runner/kernel/surroundings.h"
#include "runner/kernel/wake_up.h"
#include "runner/wire/protocol.h"
#include "runner/workers/interpreter.h"

namespace trun {
namespace {

/// Whether there are to be workers, as far as that is said outside addopts.
std::optional<bool> wants_workers(const Config& config) {
  const auto is_said = [&](const char* key) { return config.origin(key).source != Origin::Source::builtin; };
  if (!is_said("numprocesses") && !is_said("dist")) return std::nullopt;
  return effective_numprocesses(config) != Numprocesses{Numprocesses::Kind::count, 0};
}

}  // namespace

// Exceptions stop here, twice: what throws in a stage still leads to finish(), which writes the reports; what throws in
// finish() leaves what is left of them to finish_broken().
int Engine::run() {
  Status status = ok_status();
  const Status whole = guarded([&] {
    status = run_stages();
    return ok_status();
  });
  if (!whole.ok()) status = break_off(whole.error());
  int code = kInternal;
  const Status finished = guarded([&] {
    code = finish(status);
    return ok_status();
  });
  return finished.ok() ? code : finish_broken(finished.error());
}

Status Engine::run_stages() {
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
  return status;
}

void Engine::watch_world() {
  // Before the first child. Workers are forked twice, and daemons of tests lose their parents: with
  // PR_SET_CHILD_SUBREAPER (prctl(2)) both become children of this process instead of init's.
  (void)posix::set_subreaper();
  answer_wake_ups();
  loop_.watch(guardian_.pipe.get(), [this] {
    // End-of-file stays readable: the loop would call this for ever.
    loop_.unwatch(guardian_.pipe.get());
    respond(jobs_.hang_up(Clock::now()));
  });
  shutdown_.hold_helpers();
  cleanup_.add({CleanupPhase::reports, "terminal", {}, [this] { return keys_.leave(); }, {}, {}});
  server_.on_launch([this](pid_t pid) { containment_.enter(pid); });
  narrator_.on_blocked([this](int fd) { loop_.when_writable(fd, [this] { (void)narrator_.flush(); }); });
  loop_.on_signals(JobControl::signals(), [this](int signal) { on_signal(signal); });
  // All limits of time, the ring and orphans are looked at by this clock.
  loop_.every(std::chrono::milliseconds(100), [this] { tick(); });
}

Status Engine::start_server() {
  TRUN_TRY(python, find_interpreter({config_.python, files_.prefix, environment("VIRTUAL_ENV"), current_directory(),
                                     environment("PATH")}));
  python_ = std::move(python);
  // In this process, before the first child: all of them inherit it.
  for (const auto& [name, value] : config_.environment) ::setenv(name.c_str(), value.c_str(), 1);
  Hello hello;
  hello.args = config_.pytest_args;
  hello.argv = config_.argv;
  hello.workers = wants_workers(config_);
  hello.columns = terminal_width();
  hello.color = wants_color("auto", STDOUT_FILENO);
  hello.cwd = current_directory();
  hello.import_cwd = config_.import_cwd;
  hello.observe = config_.start == StartMode::automatic;
  hello.twin = config_.start != StartMode::fork;
  hello.per_worker = names_per_worker(config_);
  hello.timeout = told_timeout(config_);
  auto answer = server_.open(python_, files_.boot, hello, config_.collect_timeout.value_or(Duration{0}));
  if (!answer.ok()) {
    narrator_.print_held();
    return answer.error();
  }
  if (const auto* usage = std::get_if<Usage>(&*answer)) return refuse(*usage);
  pytest_ = std::move(std::get<Configured>(*answer));
  // A package of another build may have other frames.
  if (pytest_.version != kProtocolVersion) {
    return internal_error("the worker package beside the binary is of another version; build or install trun again");
  }
  color_ = wants_color(pytest_.options.color, STDOUT_FILENO);
  // Last, because only pytest has read its addopts.
  return take_addopts(pytest_.xdist, config_);
}

Status Engine::refuse(const Usage& usage) {
  server_.stop(Clock::now() + std::chrono::seconds(5));
  narrator_.print_held();
  if (usage.no_pytest) {
    std::fprintf(stderr, "trun: %s has no pytest: install it there, or name another interpreter with --python\n",
                 python_.c_str());
  }
  return end(usage.exit);
}

Status Engine::plan_run() {
  found_ = discover(pytest_.args, pytest_.invocation_dir, pytest_.rootdir, discover_options(pytest_));
  history_ = History({pytest_.durations.begin(), pytest_.durations.end()});
  TRUN_TRY(plan, decide(config_, pytest_, found_, history_));
  plan_ = std::move(plan);
  if (config_.dry_run && plan_.solo)
    return usage_error("--dry-run does not go with what pytest alone can run: " + plan_.solo_reasons.front());
  // Report files are opened before anything runs: a path that cannot be written is told now, not at the end.
  TRUN_CHECK(narrator_.open(config_, pytest_, plan_.attached ? 0 : plan_.workers, plan_.solo, guardian_.page));
  TRUN_TRY(page, RunPage::create(plan_.workers));
  run_page_ = std::move(page);
  run_id_ = fresh_run_id();
  // Ports before services, which lease theirs from it.
  TRUN_CHECK(separation_.open(config_.separation, run_id_, plan_.workers));
  TRUN_CHECK(services_.open(config_, run_id_, plan_, separation_));
  if (const std::uint64_t limit = config_.test_memory.value_or(ByteSize{}).bytes;
      limit > 0 && config_.test_memory_by == MemoryBy::cgroup) {
    TRUN_CHECK(containment_.limit_memory(limit, cleanup_));
  }
  factory_ = std::make_unique<WorkerFactory>(WorkerTerms{config_, pytest_, found_, plan_, run_page_, separation_,
                                                         services_, containment_.memory(), run_id_, color_},
                                             server_);
  if (!plan_.host_reasons.empty()) factory_->hear([this](Slot slot, int attempt) { return from_host(slot, attempt); });
  started_ = Clock::now();
  for (const std::string& told : containment_.told()) plan_.why.push_back(told);
  tell(run_started(plan_, config_, pytest_, run_id_, begin_));
  if (plan_.solo) std::fprintf(stderr, "trun: %s\n", why_solo(plan_, config_).c_str());
  // For all slots at once: else the third worker would fail after two have begun.
  TRUN_CHECK(factory_->check_environment());
  return start_host();
}

// ---- collection

Status Engine::collect() {
  collecting_ = std::make_unique<CollectPhase>(CollectPhase::Context{
      plan_, found_, pytest_.rootdir, crew_, narrator_, [this] { return adopt(factory_->fork_collector()); },
      [this](Slot slot) { return start_worker(slot, {}); }, [this](const auto& reached) { wait_until(reached); },
      [this] { return abandoned_ || ended_; },
      [this] {
        shutdown_.end_all("the collection is repeated");
        factory_->forget_attempts();
        host_.forget_held();
        orphans_.forget(run_id_);
      }});
  TRUN_CHECK(collecting_->run());
  collector_ = collecting_->collector();
  if (collector_) factory_->fork_from(*collector_, [this](const auto& reached) { wait_until(reached); });
  collected_ = Clock::now();
  return ended_ ? ok_status() : judge_collection();
}

Status Engine::judge_collection() {
  collection_ = collecting_->take();
  limit_items(config_, pytest_, collection_);
  // It reads what the next event takes with it.
  const auto nothing = nothing_found(pytest_, found_, collection_);
  tell(event::CollectionFinished{std::move(collection_.collection), std::exchange(collection_.reports, {}),
                                 Clock::now()});
  give_back_free_memory();  // frames and trees of a large suite
  // Only now the collection counts: what was held back is told, and of copies one speaks for all.
  narrator_.release(plan_.mode == CollectMode::each);
  for (const auto& reason : collection_.lane) notice(event::Notice::Level::detail, "standard lane: " + reason);
  // pytest's own loop judges errors, --maxfail and nothing found.
  if (plan_.solo && !collection_.ended) return ok_status();
  if (collection_.stopped) tell(event::RunStopped{*collection_.stopped});
  if (collection_.ended) return end(stop_code_.value_or(*collection_.ended));
  if (collection_.errors && !pytest_.options.continue_on_collection_errors) {
    tell(event::RunStopped{"Interrupted: " + std::to_string(collection_.errors) +
                           (collection_.errors == 1 ? " error" : " errors") + " during collection"});
    return end(collection_.exit.value_or(kInterrupted));
  }
  if (nothing) notice(event::Notice::Level::warning, *nothing);
  if (!config_.clash.empty()) notice(event::Notice::Level::warning, config_.clash);
  // Not before errors were judged: a user's scheduler is asked only about tests that will run.
  TRUN_CHECK(split_groups());
  if (!config_.dry_run) return services_.begin();
  notice(event::Notice::Level::info, dry_run_text(config_, plan_, services_.would_start(), collection()));
  return end(collection().items.empty() ? kNothing : kOk);
}

// ---- running

void Engine::run_tests() {
  if (plan_.solo) return run_solo();
  SchedulerOptions options = scheduler_options(plan_, config_, pytest_, collection(), history_);
  if (book_.grouped) options.affinity = SchedulerOptions::Affinity::group;
  const RunPhase::Context context{
      collection(),       crew_,           run_page_,
      narrator_,          pytest_.rootdir, [this](Slot slot, const auto& only) { return start_worker(slot, only); },
      plan_.one_at_a_time};
  phase_ = std::make_unique<RunPhase>(context, std::move(options));
  // Collected once, no worker exists yet; else those that collected are the workers.
  if (plan_.mode == CollectMode::once) {
    for (Slot slot = 0; slot < plan_.workers; ++slot) phase_->start(slot);
  } else {
    for (auto& worker : crew_.workers()) phase_->take_in(*worker);
  }
  while (!phase_->done() && !abandoned_) {
    drain();
    if (!phase_->done()) loop_.run_one(std::chrono::milliseconds(100));
  }
  drain();
}

/// The ends of workers count after what they had finished.
void Engine::drain() {
  phase_->drain();
  if (!host_.started()) return;
  // Between two drains: an end is told to the host after the verdicts that the worker had delivered, and pushes events
  // of its own.
  settle_exits();
  phase_->drain();
}

Result<WorkerProcess*> Engine::start_worker(Slot slot, const std::vector<std::string>& only) {
  return adopt(factory_->fork(slot, only));
}

Result<WorkerProcess*> Engine::adopt(Result<std::unique_ptr<WorkerProcess>> made) {
  if (!made.ok()) return made.error();
  WorkerProcess* worker = crew_.adopt(std::move(made).value());
  if (!worker->collector) tell(event::WorkerStarted{worker->slot, worker->pid, Clock::now()});
  const bool is_collector_to_host = worker->slot == 0 && worker->attempt == 1;
  if (worker->configured && !is_collector_to_host)
    host_.tell_started({worker->slot, worker->attempt}, book_.collector_info);
  watch_.add(*worker);
  shutdown_.hold_worker(*worker);
  return worker;
}

int run_engine(const Config& config, const EngineFiles& files, Guardianship guardian) {
  int code = kInternal;
  const Status status = guarded([&] {
    code = Engine(config, files, std::move(guardian)).run();
    return ok_status();
  });
  if (!status.ok()) std::fprintf(stderr, "trun: internal error: %s\n", status.error().message.c_str());
  // Whoever waits for the run waits for the guardian: one that somebody has stopped would keep its end to itself.
  const auto parent = posix::process_facts(::getppid());
  if (parent && parent->state == 'T') ::kill(parent->pid, SIGCONT);
  return code;
}

}  // namespace trun
