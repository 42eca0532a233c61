// Separation: what keeps the workers of a run out of each other's way, and out of other runs' on the same machine: port
// numbers, networks, fixtures that are executed once, and the questions by which workers ask for them. One per run; the
// engine tells it who asks and who is gone.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/result.h"
#include "runner/base/test_item.h"
#include "runner/config/separation_options.h"
#include "runner/containment/cleanup_coordinator.h"
#include "runner/ports/port_leases.h"
#include "runner/ports/run_ports.h"
#include "runner/reporting/narrator.h"
#include "runner/workers/once_fixtures.h"
#include "runner/workers/questions.h"

namespace trun {

class Separation {
 public:
  /// Both outlive it.
  Separation(Narrator& narrator, CleanupCoordinator& cleanup);

  /// The run begins. Nothing is done that `options` do not ask for. Error: see RunPorts::open().
  Status open(SeparationOptions options, const std::string& run_id, unsigned slots);

  /// A worker is about to start in `slot`: what its environment says. Error: a port can no longer be had.
  Result<std::vector<std::pair<std::string, std::string>>> environment(Slot slot);

  /// A worker asks.
  void ask(WorkerProcess& worker, const Question& question) { questions_.ask(worker, question); }
  /// Every test has its verdict, or will not get one.
  void tests_are_over() { once_.tests_are_over(); }
  /// A worker has ended.
  void gone(const WorkerProcess& worker);

  const SeparationOptions& options() const { return options_; }
  /// For others that answer questions. Before the first worker starts.
  Questions& questions() { return questions_; }
  /// The number of a port of [ports], for a service that listens there (RunPorts::keep). REQUIRES: open().
  std::optional<std::uint16_t> keep_port(std::optional<Slot> slot, std::string_view name) {
    return ports_->keep(slot, std::string(name));
  }
  /// For others that need ports. REQUIRES: open().
  PortLeases& leases() { return *leases_; }

 private:
  void answer_port(Questions::Ticket ticket, WorkerProcess& worker, const JsonText& args);
  void release_port(Questions::Ticket ticket, WorkerProcess& worker, const JsonText& args);

  Result<std::uint16_t> port_number(Slot slot, const std::string& name);
  void register_leases();

  CleanupCoordinator& cleanup_;
  bool registered_ = false;
  SeparationOptions options_;
  Questions questions_;
  OnceFixtures once_;
  std::optional<PortLeases> leases_;
  std::optional<RunPorts> ports_;
};

}  // namespace trun
