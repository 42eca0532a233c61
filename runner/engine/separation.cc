#include "runner/engine/separation.h"

#include "runner/ports/network_probe.h"
#include "runner/wire/question_frames.h"
#include "runner/workers/worker_process.h"

namespace trun {

Separation::Separation(Narrator& narrator, CleanupCoordinator& cleanup)
    : cleanup_(cleanup), once_(questions_, [&narrator](std::string text) {
        narrator.notice(event::Notice::Level::warning, std::move(text));
      }) {
  using Ticket = Questions::Ticket;
  questions_.on("port", [this](Ticket ticket, WorkerProcess& worker, const JsonText& args) {
    answer_port(ticket, worker, args);
  });
  questions_.on("release_port", [this](Ticket ticket, WorkerProcess& worker, const JsonText& args) {
    release_port(ticket, worker, args);
  });
}

Status Separation::open(SeparationOptions options, const std::string& run_id, unsigned slots) {
  options_ = std::move(options);
  if (options_.network == NetworkMode::isolated) TRUN_CHECK(probe_own_network());
  leases_.emplace(PortLeases::Options{run_id, {}, {}});
  ports_.emplace(options_.ports, *leases_, options_.network == NetworkMode::isolated);
  TRUN_CHECK(ports_->open(slots));
  if (!options_.ports.empty()) register_leases();
  return ok_status();
}

/// Runs that lease nothing have nothing to give back.
void Separation::register_leases() {
  if (std::exchange(registered_, true)) return;
  CleanupHandler handler;
  handler.phase = CleanupPhase::leases;
  handler.name = "leases of ports";
  handler.begin = [this] {
    ports_->close();
    return ok_status();
  };
  cleanup_.add(std::move(handler));
}

Result<std::uint16_t> Separation::port_number(Slot slot, const std::string& name) {
  TRUN_TRY(number, ports_->number(slot, name));
  // A test may ask for a port that [ports] does not name: the first lease of a run may come this late.
  register_leases();
  return number;
}

Result<std::vector<std::pair<std::string, std::string>>> Separation::environment(Slot slot) {
  TRUN_CHECK(ports_->renew(slot));
  return ports_->environment(slot);
}

void Separation::answer_port(Questions::Ticket ticket, WorkerProcess& worker, const JsonText& args) {
  const auto question = decode_port_question(args);
  if (!question.ok()) return questions_.refuse(ticket, question.error().message);
  const auto number = port_number(worker.slot, question->name);
  if (!number.ok()) return questions_.refuse(ticket, number.error().message);
  if (!question->socket) return questions_.answer(ticket, port_answer(*number));
  const auto socket = ports_->socket(worker.slot, question->name, question->address);
  if (!socket.ok()) return questions_.refuse(ticket, socket.error().message);
  // SCM_RIGHTS (unix(7)) gives the worker a copy: the port is bound before anybody else can take the number.
  questions_.answer(ticket, port_answer(*number), {socket->get()});
}

void Separation::release_port(Questions::Ticket ticket, WorkerProcess& worker, const JsonText& args) {
  const auto question = decode_port_question(args);
  if (!question.ok()) return questions_.refuse(ticket, question.error().message);
  const Status released = ports_->release(worker.slot, question->name);
  if (!released.ok()) return questions_.refuse(ticket, released.error().message);
  questions_.answer(ticket, "null");
}

void Separation::gone(const WorkerProcess& worker) {
  // Required by OnceFixtures::gone(): before its tickets are forgotten.
  once_.gone(worker);
  questions_.forget(worker);
}

}  // namespace trun
