#include "runner/engine/worker_factory.h"

#include <unistd.h>

#include <utility>

#include "runner/base/flag.h"
#include "runner/engine/service_desk.h"
#include "runner/kernel/surroundings.h"
#include "runner/reporting/reports.h"
#include "runner/wire/protocol.h"
#include "runner/workers/crew.h"
#include "runner/workers/stop_ladder.h"

namespace trun {
namespace {

constexpr int kServerRestarts = 3;
/// A fork takes milliseconds: who does not answer within that time was stopped by somebody.
constexpr Duration kAnswerWithin = std::chrono::seconds(30);

/// Sends a `fork` frame with its descriptors, and waits for the pid of what was made.
using Maker = std::function<Result<pid_t>(const Fork& frame, const std::vector<int>& fds)>;

/// Makes the worker's ends and then, by `make`, its process.
Status make_process(const Maker& make, WorkerProcess& worker, const RunPage& run, bool attached) {
  TRUN_TRY(parcel, prepare(worker));
  Fork frame;
  frame.role = worker.collector ? Fork::Role::collector : Fork::Role::worker;
  // An attached worker gets the real stdin, too (docs/protocol.md, `fork`).
  frame.fds = attached ? 7 : 6;
  frame.basetemp = !attached;
  TRUN_TRY(pid, make(frame, parcel.fds(worker, run, attached)));
  // Whom to signal is said by a process that runs users' code.
  const auto facts = posix::process_facts(pid);
  if (pid <= 1 || !facts || facts->parent != ::getpid())
    return internal_error("a fork was answered with process " + std::to_string(pid) + ", which is none of trun's");
  worker.pid = pid;
  worker.pgid = attached ? ::getpgrp() : worker.pid;
  TRUN_TRY(pidfd, posix::pidfd_open(worker.pid));
  worker.pidfd = std::move(pidfd);
  worker.forked = Clock::now();
  return ok_status();
}

}  // namespace

std::unique_ptr<WorkerProcess> WorkerFactory::make(Slot slot) {
  auto worker = std::make_unique<WorkerProcess>();
  worker->slot = slot;
  worker->attempt = ++attempts_[slot];
  return worker;
}

Result<std::unique_ptr<WorkerProcess>> WorkerFactory::fork(Slot slot, const std::vector<std::string>& only) {
  const Flag forking(forking_);
  auto worker = make(slot);
  // Also where others were forked from a collector: once one of these stood still.
  const bool in_place = terms_.plan.in_place && worker->attempt == 1;
  TRUN_CHECK(in_place            ? fork_from_server(*worker, true)
             : terms_.plan.fresh ? fork_fresh(*worker)
             : collector_        ? fork_from_collector(*worker)
                                 : fork_from_server(*worker));
  if (terms_.memory) {
    // Before it runs anything: what it holds already is its maker's.
    TRUN_TRY(group, terms_.memory->add(worker_name(slot) + "-" + std::to_string(worker->pid), worker->pid));
    worker->memory = std::move(group);
  }
  TRUN_CHECK(send_start(*worker, only));
  return worker;
}

Result<std::unique_ptr<WorkerProcess>> WorkerFactory::fork_collector() {
  const Flag forking(forking_);
  auto worker = std::make_unique<WorkerProcess>();
  worker->collector = true;
  TRUN_CHECK(terms_.plan.fresh ? fork_fresh(*worker) : fork_from_server(*worker));
  TRUN_CHECK(send_start(*worker, {}));
  return worker;
}

void WorkerFactory::fork_from(WorkerProcess& collector, Wait wait) {
  collector_ = &collector;
  wait_ = std::move(wait);
}

Status WorkerFactory::fork_from_collector(WorkerProcess& worker) {
  const auto make = [this](const Fork& frame, const std::vector<int>& fds) -> Result<pid_t> {
    TRUN_CHECK(collector_->channel.send_with(encode(frame), fds));
    TRUN_TRY(forked, collector_answer());
    return static_cast<pid_t>(forked.pid);
  };
  TRUN_CHECK(make_process(make, worker, terms_.page, terms_.plan.attached));
  worker.configured = true;
  // It has the collector's items. It says neither `ready` nor `collected`.
  worker.collection = Collected{};
  worker.ready_at = Clock::now();
  return ok_status();
}

Result<Forked> WorkerFactory::collector_answer() {
  const Flag asked(asked_);
  answer_.reset();
  // The loop runs meanwhile: other workers are heard, and may end.
  const TimePoint late = Clock::now() + kAnswerWithin;
  wait_([&] { return answer_ || Crew::gone(*collector_) || Clock::now() > late; });
  if (!answer_ && !Crew::gone(*collector_)) {
    collector_->lost = "it did not answer a fork";
    Crew::kill(*collector_);
  }
  if (!answer_) return internal_error("the collecting process is gone: " + ending(*collector_));
  return *std::exchange(answer_, std::nullopt);
}

bool WorkerFactory::answered(Result<Forked> answer) {
  if (!asked_ || answer_) return false;
  answer_ = std::move(answer);
  return true;
}

Status WorkerFactory::fork_from_server(WorkerProcess& worker, bool in_place) {
  const auto make = [&](const Fork& frame, const std::vector<int>& fds) {
    Fork fork = frame;
    fork.in_place = in_place;
    return server_.fork_late(fork, fds);
  };
  while (true) {
    const Status status = make_process(make, worker, terms_.page, terms_.plan.attached);
    // Only a dead server is started again: what a living one refuses it would refuse once more.
    if (status.ok() || !server_.closed() || restarts_ == kServerRestarts) return status;
    ++restarts_;
    TRUN_CHECK(server_.reopen());
  }
}

/// A process that has imported nothing of the user's.
Status WorkerFactory::fork_fresh(WorkerProcess& worker) {
  worker.fresh = true;
  if (!terms_.plan.attached) TRUN_CHECK(ask_for_basetemp());
  const auto make = [this](const Fork& frame, const std::vector<int>& fds) {
    return server_.fork_fresh(frame, fds, terms_.plan.attached);
  };
  return make_process(make, worker, terms_.page, terms_.plan.attached);
}

/// All processes of the run have their temporary folders below one that the server makes and keeps.
Status WorkerFactory::ask_for_basetemp() {
  if (std::exchange(asked_for_basetemp_, true)) return ok_status();
  server_.send(encode(MakeBasetemp{}));
  TRUN_TRY(answer, server_.receive());
  if (const auto* made = std::get_if<Basetemp>(&answer)) basetemp_ = made->path;
  return ok_status();
}

/// A worker that is not told to start ends by itself: its socket closes with `worker`.
Status WorkerFactory::send_start(WorkerProcess& worker, const std::vector<std::string>& only) const {
  TRUN_TRY(start, start_frame(worker, only));
  worker.channel.send(encode(start));
  return ok_status();
}

Result<Start> WorkerFactory::start_frame(const WorkerProcess& worker, const std::vector<std::string>& only) const {
  const RunPlan& plan = terms_.plan;
  Start start;
  start.engine_pid = ::getpid();
  start.slot = worker.slot;
  start.worker_id = worker_name(worker.slot);
  start.worker_count = plan.workers;
  start.testrunuid = terms_.config.testrunuid.empty() ? terms_.run_id : terms_.config.testrunuid;
  start.workerinput = !plan.attached && (!worker.collector || host_);
  start.attached = plan.attached;
  start.role = worker.collector ? "collector" : "worker";
  // What a collector that was forked imports, all its workers share.
  start.observe = worker.collector && !plan.fresh && terms_.config.start == StartMode::automatic;
  start.fresh = worker.fresh;
  start.basetemp = basetemp_;
  // A process from before the imports does not have what the server has found for `workerinput`.
  if (start.fresh) start.worker_input = terms_.pytest.worker_input;
  if (start.fresh && !plan.attached) start.inherited = terms_.pytest.environment;
  start.terminal = plan.solo ? "pytest" : "trun";
  start.lane = lane_name(terms_.config.lane);
  start.collect = collect_mode_name(plan.mode);
  if (plan.mode == CollectMode::sharded) start.shard = shard(only);
  TRUN_TRY(variables, environment(worker));
  start.env = std::move(variables);
  const SeparationOptions& separation = terms_.separation.options();
  start.network = separation.network == NetworkMode::isolated ? "namespace" : "host";
  start.private_tmpdir = separation.private_tmpdir;
  start.private_home = separation.private_home;
  // With one worker a once-fixture is a session fixture.
  if (plan.workers > 1) start.once = separation.once;
  start.attempt = worker.attempt;
  start.columns = terminal_width();
  start.section_limit = terms_.config.section_limit.value_or(ByteSize{}).bytes;
  start.color = terms_.color;
  start.maxfail = terms_.pytest.options.maxfail;
  if (terms_.config.test_memory_by == MemoryBy::address_space && terms_.config.test_memory)
    start.address_space = terms_.config.test_memory->bytes;
  start.stacks_signal = stacks_signal();
  start.broken = {terms_.plan.broken.begin(), terms_.plan.broken.end()};
  start.leaks = watched_kinds(terms_.config.leak);
  start.worn_memory = terms_.config.worker_memory.value_or(ByteSize{}).bytes;
  start.left_out = left_out_;
  start.worn_leaks = failing_kinds(terms_.config.leak);
  start.want_location = terms_.pytest.ini.junit_family == "xunit1" || terms_.pytest.ini.junit_family == "legacy";
  start.want_xfail_text = terms_.pytest.options.xfail_tb || !terms_.config.events.empty();
  start.want_xml = !terms_.config.junitxml.empty() || terms_.pytest.options.xmlpath || terms_.pytest.names_junit;
  start.xmlpath = terms_.config.junitxml;
  start.want_marks = selecting_markers(terms_.config.rules());
  start.want_group = terms_.config.dist == DistMode::loadgroup;
  hear_host(start);
  return start;
}

/// Of those that collect the same, one tells the host where the items are.
void WorkerFactory::hear_host(Start& start) const {
  if (!host_) return;
  start.host = true;
  const auto said = host_(start.slot, start.attempt);
  if (!said) return;
  start.config_map = said->input;
  start.inherited = said->env;
  start.want_host = said->reports;
  start.want_items =
      said->reports && start.attempt == 1 && (terms_.plan.mode == CollectMode::sharded || start.slot == 0);
}

Result<Variables> WorkerFactory::environment(const WorkerProcess& worker) const {
  Variables all = {{"TRUN_RUN_ID", terms_.run_id},
                   {"TRUN_SLOT", std::to_string(worker.slot)},
                   {"TRUN_WORKER", worker_name(worker.slot)},
                   {"TRUN_ATTEMPT", std::to_string(worker.attempt)}};
  // A collector is no slot's process. Ports, services and [env] of a slot come with the `start` of the worker there.
  if (worker.collector) return all;
  TRUN_TRY(ports, terms_.separation.environment(worker.slot));
  all.insert(all.end(), ports.begin(), ports.end());
  // In this order: [env] may name ports and services in its templates, and stands over them.
  const Variables services = terms_.services.environment(worker.slot);
  all.insert(all.end(), services.begin(), services.end());
  TRUN_TRY(own, expand(terms_.config.worker_environment, all, environment_variable));
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

Status WorkerFactory::check_environment() const {
  WorkerProcess any;
  if (terms_.config.worker_environment.empty()) return ok_status();
  for (any.slot = 0; any.slot < terms_.plan.workers; ++any.slot) TRUN_CHECK(environment(any));
  return ok_status();
}

Shard WorkerFactory::shard(const std::vector<std::string>& only) const {
  Shard shard;
  shard.count = terms_.plan.workers;
  if (!only.empty()) shard.only = only;
  const auto& files = terms_.found.files;
  for (std::size_t i = 0; i < files.size(); ++i) shard.owner.emplace_back(files[i].path, terms_.plan.owners[i]);
  shard.imports = terms_.plan.imports;
  return shard;
}

}  // namespace trun
