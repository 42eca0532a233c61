#include "runner/workers/once_fixtures.h"

#include "runner/base/test_item.h"
#include "runner/workers/worker_process.h"

namespace trun {

// A fixture is executing (owner, nothing made), made (owner and value), failed (made, no owner), or ending (the owner
// waits in its session finish for `once_alone`). Example with workers A and B and the fixture `url`:
// A asks `once`: there is no entry, so A becomes the owner. B asks `once`: it waits.
// A says `once_made`: B has the value and is a user. Later askers get the value at once.
// A's session ends: `once_alone` is kept as `ending`, A lingers. B's session ends: `once_left`, so B is no user any
// more.
// tests_are_over(): nobody is left who could ask, so A is answered, tears the fixture down and ends.
// If A dies before `once_made`, B is answered as the new owner. If A dies after it, B keeps its value, and the next
// that asks is the owner of a new execution.
OnceFixtures::OnceFixtures(Questions& questions, std::function<void(std::string)> warn)
    : questions_(questions), warn_(std::move(warn)) {
  const auto on = [this](const char* name, auto member) {
    questions_.on(name, [this, member](Ticket ticket, WorkerProcess& worker, const JsonText& args) {
      auto question = decode_once_question(args);
      if (!question.ok()) return questions_.refuse(ticket, question.error().message);
      (this->*member)(ticket, worker, std::move(*question));
    });
  };
  on("once", &OnceFixtures::asked);
  on("once_made", &OnceFixtures::made);
  on("once_left", &OnceFixtures::left);
  on("once_alone", &OnceFixtures::alone);
}

void OnceFixtures::asked(Ticket ticket, WorkerProcess& worker, const OnceQuestion& question) {
  Fixture& fixture = fixtures_[question.key];
  fixture.name = question.fixture;
  // Also a failure: a fixture that fails, fails once for all.
  if (fixture.made) return give(fixture, {ticket, &worker});
  if (fixture.owner) {
    fixture.waiting.push_back({ticket, &worker});
    return;
  }
  fixture.owner = &worker;
  questions_.answer(ticket, once_owner_answer());
}

void OnceFixtures::give(Fixture& fixture, const Waiting& to) {
  if (fixture.owner) fixture.users.insert(to.worker);  // of a failure nobody is a user
  questions_.answer(to.ticket, once_value_answer(*fixture.made));
}

void OnceFixtures::made(Ticket ticket, WorkerProcess& worker, OnceQuestion question) {
  const auto found = fixtures_.find(question.key);
  // What came of a fixture only its owner may say: a value of another process would be given to all.
  if (found == fixtures_.end() || found->second.owner != &worker) {
    return questions_.refuse(ticket, "the once-fixture '" + question.fixture + "' is not this worker's to execute");
  }
  Fixture& fixture = found->second;
  fixture.made = std::move(question);
  if (!fixture.made->failure.empty()) fixture.owner = nullptr;  // there is nothing to be torn down for others
  questions_.answer(ticket, "null");
  for (const Waiting& each : std::exchange(fixture.waiting, {})) give(fixture, each);
}

void OnceFixtures::left(Ticket ticket, WorkerProcess& worker, const OnceQuestion& question) {
  questions_.answer(ticket, "null");
  const auto found = fixtures_.find(question.key);
  if (found == fixtures_.end()) return;
  // One use of several: a worker may set the fixture up anew, and each set-up has a teardown of its own.
  const auto user = found->second.users.find(&worker);
  if (user != found->second.users.end()) found->second.users.erase(user);
  end_if_unused(question.key);
}

void OnceFixtures::alone(Ticket ticket, WorkerProcess& worker, const OnceQuestion& question) {
  const auto found = fixtures_.find(question.key);
  // One that was lost and executed anew elsewhere: what this worker made is its own to end.
  if (found == fixtures_.end() || found->second.owner != &worker) return questions_.answer(ticket, "null");
  // The answer comes at once (below), with the last `once_left` or end of a user, or with tests_are_over().
  found->second.ending = ticket;
  std::set<const WorkerProcess*> seen;
  if (waits_for(&worker, &worker, seen)) found->second.users.clear();  // who waits for us uses nothing any more
  end_if_unused(question.key);
  // Not answered at once: its slot is free for another process while it waits (Crew::leaving).
  worker.lingers = fixtures_.count(question.key) > 0;
}

/// Whether `one`, at the end of its session, waits for users, those for others, and one of them for `other`.
bool OnceFixtures::waits_for(const WorkerProcess* one, const WorkerProcess* other,
                             std::set<const WorkerProcess*>& seen) const {
  for (const auto& [key, fixture] : fixtures_) {
    if (fixture.owner != one || !fixture.ending) continue;
    // Without this, two owners that use each other's fixtures would wait for each other for ever: A owns x and uses y,
    // B owns y and uses x, and both are at their end. `seen` ends the search in a circle that `other` is not part of.
    for (const WorkerProcess* user : fixture.users) {
      if (user == other || (seen.insert(user).second && waits_for(user, other, seen))) return true;
    }
  }
  return false;
}

void OnceFixtures::end_if_unused(const std::string& key) {
  Fixture& fixture = fixtures_.at(key);
  // While tests run, users come and go (recycling, isolation): a moment without one is not the end.
  if (!over_ || !fixture.ending || !fixture.users.empty()) return;
  questions_.answer(*fixture.ending, "null");
  fixtures_.erase(key);
}

void OnceFixtures::tests_are_over() {
  over_ = true;
  // A copy: end_if_unused() erases.
  std::vector<std::string> keys;
  for (const auto& [key, fixture] : fixtures_) keys.push_back(key);
  for (const std::string& key : keys) end_if_unused(key);
}

void OnceFixtures::gone(const WorkerProcess& worker) {
  std::vector<std::string> keys;
  for (const auto& [key, fixture] : fixtures_) keys.push_back(key);
  for (const std::string& key : keys) {
    Fixture& fixture = fixtures_.at(key);
    // All uses of the worker at once: its process is gone, with what it had set up.
    fixture.users.erase(&worker);
    std::erase_if(fixture.waiting, [&](const Waiting& each) { return each.worker == &worker; });
    if (fixture.owner == &worker) {
      owner_died(fixture, key);
    } else {
      end_if_unused(key);
    }
  }
}

/// Those that have its value keep it until their own teardown: nobody can say whether it is still good.
void OnceFixtures::owner_died(Fixture& fixture, const std::string& key) {
  const std::string name = worker_name(fixture.owner->slot);
  std::string text = name + ", which " + (fixture.made ? "had executed" : "was executing") + " the once-fixture '" +
                     fixture.name + "', died: it is executed anew for the next that needs it";
  if (!fixture.users.empty()) text += "; workers that have its value go on with it";
  warn_(text);
  std::vector<Waiting> waiting = std::exchange(fixture.waiting, {});
  if (waiting.empty()) {
    fixtures_.erase(key);
    return;
  }
  // Somebody waits: it is executed anew at once, and the first in line is the owner.
  fixture.made.reset();
  fixture.ending.reset();
  fixture.users.clear();
  fixture.owner = waiting.front().worker;
  fixture.waiting.assign(waiting.begin() + 1, waiting.end());
  questions_.answer(waiting.front().ticket, once_owner_answer());
}

}  // namespace trun
