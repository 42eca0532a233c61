#include "runner/workers/questions.h"

#include <utility>

#include "runner/base/invariant.h"
#include "runner/wire/protocol.h"
#include "runner/workers/worker_process.h"

namespace trun {

void Questions::on(std::string name, Handler handler) {
  const bool fresh = handlers_.emplace(std::move(name), std::move(handler)).second;
  invariant(fresh, "two who answer one question");
}

void Questions::ask(WorkerProcess& worker, const Question& question) {
  const Ticket ticket = ++last_;
  // Before the handler is called, which may answer at once.
  open_[ticket] = {&worker, question.id};
  const auto found = handlers_.find(question.name);
  if (found == handlers_.end()) return refuse(ticket, "trun has no answer to the question '" + question.name + "'");
  found->second(ticket, worker, question.args);
}

void Questions::answer(Ticket ticket, JsonText value, const std::vector<int>& fds) {
  send(ticket, {0, std::move(value), std::nullopt, static_cast<int>(fds.size())}, fds);
}

void Questions::refuse(Ticket ticket, std::string why) { send(ticket, {0, "null", std::move(why), 0}, {}); }

void Questions::send(Ticket ticket, Answer answer, const std::vector<int>& fds) {
  const auto found = open_.find(ticket);
  // The asker has ended meanwhile (forget()), or was answered: handlers need not keep track of that.
  if (found == open_.end()) return;
  answer.id = found->second.id;
  Channel& asker = found->second.worker->channel;
  const Status sent = asker.send_with(encode(answer), fds);
  // The descriptors could not be copied. The worker must have some answer, or it waits for ever.
  if (!sent.ok()) asker.send(encode(Answer{answer.id, "null", sent.error().message, 0}));
  open_.erase(found);
}

void Questions::forget(const WorkerProcess& worker) {
  // A handler may hold the ticket still: its answer finds nobody, which is no error.
  std::erase_if(open_, [&](const auto& entry) { return entry.second.worker == &worker; });
}

}  // namespace trun
