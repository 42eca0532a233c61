// WorkerFactory: makes worker processes. Knows what a worker must be told at its start, and from whom it is forked: the
// fork server, or (collect once) the process that has collected for all. A fork server that dies is started again.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collectors/discover.h"
#include "runner/base/result.h"
#include "runner/config/config.h"
#include "runner/containment/memory_groups.h"
#include "runner/engine/run_plan.h"
#include "runner/engine/separation.h"
#include "runner/workers/fork_server.h"
#include "runner/workers/worker_process.h"

namespace trun {

class ServiceDesk;

/// What all workers of a run share. Constant once the run is planned, but for options that the plugin host tells of
/// before the first worker (Engine::take_options).
struct WorkerTerms {
  const Config& config;
  const Configured& pytest;
  const Discovery& found;
  const RunPlan& plan;
  const RunPage& page;
  Separation& separation;
  const ServiceDesk& services;
  const std::optional<MemoryGroups>& memory;  ///< none: the kernel limits nobody
  std::string run_id;
  const bool& color;
  /// What the plugin host has to say to a process.
  struct FromHost {
    std::string input;  ///< packed workerinput
    bool reports = false;
    std::vector<EnvironmentChange> env;
  };
};

class WorkerFactory {
 public:
  WorkerFactory(WorkerTerms terms, ForkServer& server) : terms_(std::move(terms)), server_(server) {}

  /// Error (usage): what [env] or the mode says can have no value in some slot. To be known before anything runs.
  Status check_environment() const;

  /// A worker with its `start` frame sent: the collector's, if one has collected, else the fork server's. `only`
  /// (sharded): the files that it collects, else its own share.
  Result<std::unique_ptr<WorkerProcess>> fork(Slot slot, const std::vector<std::string>& only);
  /// The process that collects for all.
  Result<std::unique_ptr<WorkerProcess>> fork_collector();

  /// There is a plugin host: `host` says what it has for the process of that slot and attempt, and may take its time.
  using Host = std::function<std::optional<WorkerTerms::FromHost>(Slot, int)>;
  void hear(Host host) { host_ = std::move(host); }

  /// `collector` has collected: from now on workers are forked from it. `wait` runs the loop until something holds.
  using Wait = std::function<void(const std::function<bool()>&)>;
  void fork_from(WorkerProcess& collector, Wait wait);
  /// What the collector answered to a fork. False: nobody has asked.
  bool answered(Result<Forked> answer);
  /// Whether a process is being made that the crew does not know yet: the status of a child that nobody knows may be
  /// its.
  bool forking() const { return forking_ || server_.forking(); }

  /// Items that workers from now on collect and do not run.
  void leave_out(std::vector<NodeId> items) { left_out_ = std::move(items); }

  /// The workers so far did not count.
  void forget_attempts() { attempts_.clear(); }

 private:
  std::unique_ptr<WorkerProcess> make(Slot slot);
  Status fork_fresh(WorkerProcess& worker);
  Status fork_from_server(WorkerProcess& worker, bool in_place = false);
  Status fork_from_collector(WorkerProcess& worker);
  Result<Forked> collector_answer();
  Status ask_for_basetemp();
  Status send_start(WorkerProcess& worker, const std::vector<std::string>& only) const;
  Result<Start> start_frame(const WorkerProcess& worker, const std::vector<std::string>& only) const;
  void hear_host(Start& start) const;
  Result<Variables> environment(const WorkerProcess& worker) const;
  Shard shard(const std::vector<std::string>& only) const;

  const WorkerTerms terms_;
  ForkServer& server_;
  WorkerProcess* collector_ = nullptr;
  Wait wait_;
  Host host_;
  std::optional<Result<Forked>> answer_;  ///< to the fork that was asked of the collector
  bool asked_ = false, forking_ = false;
  std::map<Slot, int> attempts_;
  std::optional<std::string> basetemp_;  ///< of the run, where workers are not forked from the server
  bool asked_for_basetemp_ = false;
  std::vector<NodeId> left_out_;
  int restarts_ = 0;
};

}  // namespace trun
