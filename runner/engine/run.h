// Engine: one run as an object, from planning to the exit code. The stages are in engine.cc and ending.cc, what workers
// say in worker_events.cc, the clock and the user in pulse.cc. Internal to this folder; others call run_engine.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collectors/discover.h"
#include "runner/base/exit_code.h"
#include "runner/containment/cleanup_coordinator.h"
#include "runner/containment/containment.h"
#include "runner/containment/keys.h"
#include "runner/engine/collect_phase.h"
#include "runner/engine/engine.h"
#include "runner/engine/host_book.h"
#include "runner/engine/merge.h"
#include "runner/engine/run_phase.h"
#include "runner/engine/run_plan.h"
#include "runner/engine/separation.h"
#include "runner/engine/service_desk.h"
#include "runner/engine/shutdown.h"
#include "runner/engine/solo.h"
#include "runner/engine/supervisor.h"
#include "runner/engine/worker_factory.h"
#include "runner/kernel/event_loop.h"
#include "runner/reporting/narrator.h"
#include "runner/workers/crew.h"
#include "runner/workers/fork_server.h"
#include "runner/workers/job_control.h"
#include "runner/workers/oom_watch.h"
#include "runner/workers/orphans.h"
#include "runner/workers/plugin_host.h"
#include "runner/workers/worker_watch.h"

namespace trun {

class Engine : private WorkerObserver {
 public:
  Engine(const Config& config, const EngineFiles& files, Guardianship guardian)
      : config_(config),
        files_(files),
        guardian_(std::move(guardian)),
        server_(
            loop_, [this](auto stream, auto line) { say(stream, line); },
            [this] { return abandoned_ || (ended_ && started_ == TimePoint{}); }) {}

  int run();

 private:
  Status run_stages();
  void watch_world();
  Status start_server();
  /// pytest did not get as far as its fork point: its own words go to the terminal, its exit code is ours.
  Status refuse(const Usage& usage);
  Status plan_run();

  // ---- the plugin host (host.cc)
  Status start_host();
  bool wait_for_host(const std::function<bool()>& reached, std::string_view what, Duration limit);
  Status host_lost();
  void take_options(const PytestOptions& options);
  Status keep_groups(const HostReady& ready);
  Status split_groups();
  std::optional<WorkerTerms::FromHost> from_host(Slot slot, int attempt);
  void tell_host(RunEvent& event);
  void tell_host(TestResult& result);
  void settle_exits();
  void resume_crash(const HostCrashed& crashed);
  void add_reruns(TestResult& result);
  void pass_on(const WorkerProcess& worker, worker_event::Exited event);
  bool is_held(const WorkerProcess& worker) const;
  int end_host(int code);
  int unfinished_host(int code);

  // ---- collection
  Status collect();
  /// What pytest does with errors, nothing found and --maxfail between collecting and running.
  Status judge_collection();

  // ---- running
  void run_tests();
  void drain();
  /// A worker beside those that collected. It inherits the collection, or collects `only`.
  Result<WorkerProcess*> start_worker(Slot slot, const std::vector<std::string>& only);
  /// pytest's own loop runs the items, in the order of the collection (solo.cc).
  void run_solo();
  WorkerProcess* go_on_solo(const WorkerProcess& before, ItemIndex first);
  Result<WorkerProcess*> adopt(Result<std::unique_ptr<WorkerProcess>> made);

  // ---- what workers say
  void on_frame(WorkerProcess& worker, FromWorker& frame) override;
  void take(WorkerProcess& worker, ReadyFrame& frame);
  void take(WorkerProcess& worker, RelayFrame& frame);
  void take(WorkerProcess& worker, CollectingFrame& frame);
  void take(WorkerProcess& worker, CollectedPart& frame);
  void take(WorkerProcess& worker, Collected& frame);
  void take(WorkerProcess& worker, NeedFrame&);
  void take(WorkerProcess& worker, ResultFrame& frame);
  void take(WorkerProcess& worker, WarningFrame& frame);
  void take(WorkerProcess&, SuitePropertyFrame& frame);
  void take(WorkerProcess& worker, StoppedFrame& frame);
  void take(WorkerProcess& worker, GaveBackFrame& frame);
  void take(WorkerProcess& worker, Question& question);
  void take(WorkerProcess& worker, DoneFrame& frame);
  void take(WorkerProcess& worker, Forked& frame);
  void take(WorkerProcess& worker, ForkFailed& frame);
  void take_answer(WorkerProcess& worker, Result<Forked> answer);

  /// Turns what page and frames hold into verdicts.
  void on_heard(WorkerProcess& worker) override;
  void finished(TestResult result);
  void on_line(WorkerProcess& worker, event::OutputLine::Stream stream, std::string_view line) override;
  void on_exit(WorkerProcess& worker) override;
  void explain_end(const WorkerProcess& worker, const worker_event::Exited& event);

  // ---- the clock and the user
  void tick();
  /// Ends a worker that a fork has left without threads; another process does its work.
  void replace_standing(WorkerProcess& worker);
  void on_signal(int signal);
  void respond(JobControl::Response response);

  /// The run is to end: nothing new starts.
  void stop(const std::string& reason);
  template <typename Predicate>
  void wait_until(Predicate reached) {
    while (!reached() && !abandoned_) loop_.run_one(std::chrono::milliseconds(50));
  }

  // ---- the end
  Status end(int code);
  Status break_off(const Error& error);
  void tell_not_run(ItemIndex item, const std::string& why);
  int finish_broken(const Error& error);
  void tell_failure(const Error& error);
  int finish(const Status& status);
  void await_orphans();
  int exit_code() const;
  // ---- words
  void at(std::string_view stage) { guardian_.page.at(stage); }
  void tell(RunEvent event) { narrator_.tell(std::move(event)); }
  void say(event::OutputLine::Stream stream, std::string_view line) {
    narrator_.say({std::nullopt, stream, std::string(line)});
  }
  bool is_own(pid_t pid) const { return server_.owns(pid) || pid == host_.pid() || services_.knows(pid); }
  const Collection& collection() const { return narrator_.log().collection; }
  void notice(event::Notice::Level level, std::string text) { narrator_.notice(level, std::move(text)); }

  // Constant after construction.
  Config config_;  ///< until pytest has told its addopts
  const EngineFiles& files_;
  Guardianship guardian_;
  const TimePoint begin_ = Clock::now();
  EventLoop loop_;
  ForkServer server_;
  WorkerWatch watch_{loop_, *this};

  // Known after planning.
  std::string python_, run_id_;
  Configured pytest_;
  Discovery found_;
  History history_;
  RunPlan plan_;
  RunPage run_page_;
  bool color_ = false;
  std::unique_ptr<WorkerFactory> factory_;
  TimePoint started_{}, collected_{};

  // The run.
  Narrator narrator_;
  Crew crew_;
  CleanupCoordinator cleanup_;
  Shutdown shutdown_{{config_, loop_, crew_, server_, cleanup_, narrator_, [this] { return abandoned_; }}};
  Gathered collection_;  ///< less what was told of it: collection()
  JobControl jobs_{crew_, config_.safeguards.kill ? *config_.grace : std::chrono::hours(1)};
  Separation separation_{narrator_, cleanup_};
  Keys keys_{guardian_.page};
  Containment containment_{guardian_.page, config_.safeguards.sweep};
  OomWatch oom_;
  ServiceDesk services_{{loop_, narrator_, cleanup_, guardian_.page, narrator_.log().collection,
                         [this](const auto& reached) { wait_until([&] { return ended_ || reached(); }); }}};
  Orphans orphans_{{narrator_.log().collection, crew_, config_, [this](pid_t pid) { return is_own(pid); },
                    [this](const auto& test, const auto& what) { narrator_.leak(test, "processes", what); }}};
  PluginHost host_{loop_, [this](auto stream, auto line) { say(stream, line); }};
  HostBook book_;
  SoloBook solo_;
  std::unique_ptr<CollectPhase> collecting_;
  Supervisor supervisor_{{config_, narrator_.log().collection, crew_, watch_, narrator_}};
  std::unique_ptr<RunPhase> phase_;
  WorkerProcess* collector_ = nullptr;

  // How it ends.
  bool ended_ = false, abandoned_ = false, stalled_ = false, broken_ = false, reported_ = false;
  int exit_code_ = kOk;
  std::optional<int> stop_code_;
};

}  // namespace trun
