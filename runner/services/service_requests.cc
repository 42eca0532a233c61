#include "runner/services/service_requests.h"

#include <algorithm>

namespace trun {

// A request takes each of its needs through: start (wait until the service is ready), health (look again, if another
// file used it before), database (make the slot's as new), making, done. Example: slot 0, service db with a database
// for each slot, files F and G.
// F's first test: db is started; it is just ready, so no look; the database is made. uses_ says (0, db) -> F, launch 1.
// F's second test: the same file and launch: done at once.
// G's first test: another file: db is checked again, its database is made as new, and uses_ says G.
// db dies and is launched again: launch 2 differs from what uses_ says, so the next test, of G too, gets a new
// database.
void ServiceRequests::add(std::vector<ServiceIndex> services, Slot slot, FileIndex file, Answer answer) {
  Request& request = requests_.emplace_back();
  request.id = ++last_;
  request.slot = slot;
  request.file = file;
  request.answer = std::move(answer);
  for (const ServiceIndex each : services) request.needs.push_back({each, Stage::start});
  advance();
}

/// What services answer at once calls this again from within: then another round is made.
void ServiceRequests::advance() {
  again_ = true;
  if (advancing_) return;
  advancing_ = true;
  // Answers are given behind the loop: who is answered may add a request.
  std::list<Request> over;
  while (std::exchange(again_, false)) {
    for (auto at = requests_.begin(); at != requests_.end();) {
      const auto here = at++;
      if (advance(*here)) over.splice(over.end(), requests_, here);
    }
  }
  advancing_ = false;
  for (const Request& request : over) request.answer(request.refusal);
}

bool ServiceRequests::advance(Request& request) {
  // All needs go on side by side; the first refusal ends the request.
  for (Need& need : request.needs) {
    if (request.refusal.empty()) advance(request, need);
  }
  return !request.refusal.empty() || std::all_of(request.needs.begin(), request.needs.end(),
                                                 [](const Need& need) { return need.stage == Stage::done; });
}

void ServiceRequests::advance(Request& request, Need& need) {
  const ServiceState state = services_.state(need.service);
  if (state == ServiceState::failed || state == ServiceState::stopped) {
    const std::string& why = services_.failure(need.service);
    request.refusal = "service " + services_.plan().instances[need.service].name + " " +
                      (why.empty() ? "was stopped: the run is ending" : why);
    return;
  }
  // A service that starts in no time is ready within this call: its state is asked anew below.
  if (need.stage == Stage::start && state == ServiceState::idle) services_.want({need.service});
  if (services_.state(need.service) != ServiceState::ready) return;
  // Here it is ready. It may be `checking` behind this line, and then the request comes back when the news are there.
  if (need.stage == Stage::start) check_health(request, need);
  if (services_.state(need.service) != ServiceState::ready) return;
  if (need.stage == Stage::health) need.stage = Stage::database;
  if (need.stage == Stage::database) make_database(request, need);
}

/// Whether `request` is the first of its file for that service, in its slot.
bool ServiceRequests::is_fresh(const Request& request, ServiceIndex service) const {
  const auto found = uses_.find({request.slot, service});
  return found == uses_.end() || found->second != Use{request.file, services_.launches(service)};
}

void ServiceRequests::check_health(Request& request, Need& need) {
  // Once only: a service that is ready again after the look is not looked at a second time.
  need.stage = Stage::health;
  const bool first_of_all = std::none_of(uses_.begin(), uses_.end(), [&](const auto& use) {
    return use.first.second == need.service && use.second.launch == services_.launches(need.service);
  });
  // It has just become ready, or this file has it already.
  if (first_of_all || !is_fresh(request, need.service)) return;
  services_.reuse(need.service);
}

void ServiceRequests::make_database(Request& request, Need& need) {
  const bool has_one = services_.options_of(need.service).scope == ServiceOptions::Scope::slot_database;
  const bool fresh = is_fresh(request, need.service);
  need.stage = has_one && fresh ? Stage::making : Stage::done;
  // Noted before the database is there: made() takes it back if there is none.
  uses_[{request.slot, need.service}] = {request.file, services_.launches(need.service)};
  if (need.stage == Stage::done) return;
  services_.renew_database(
      need.service, request.slot,
      [this, id = request.id, service = need.service](const std::string& complaint) { made(id, service, complaint); });
}

void ServiceRequests::made(std::uint64_t id, ServiceIndex service, const std::string& complaint) {
  // By number, not by pointer: the request may be gone by then, refused for another need.
  for (Request& request : requests_) {
    if (request.id != id) continue;
    for (Need& need : request.needs) {
      if (need.service == service) need.stage = Stage::done;
    }
    if (complaint.empty()) continue;
    request.refusal =
        "service " + services_.plan().instances[service].name + " has no database for this slot: " + complaint;
    // The next test of the file tries again.
    uses_.erase({request.slot, service});
  }
  advance();
}

}  // namespace trun
