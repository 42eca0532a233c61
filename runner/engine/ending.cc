// How a run ends: in order, with an error, or broken off by an exception.
#include <cstdio>
#include <utility>

#include "runner/base/guarded.h"
#include "runner/containment/reaper.h"
#include "runner/engine/exit_facts.h"
#include "runner/engine/run.h"
#include "runner/kernel/heap.h"

namespace trun {
namespace {

/// How long the clean-up may take; when the terminal or the guardian is gone, nothing is to be left after 2 s.
constexpr Duration kOrderly = std::chrono::seconds(5), kHastily = std::chrono::seconds(1);

}  // namespace

Status Engine::end(int code) {
  exit_code_ = code;
  ended_ = true;
  return ok_status();
}

/// A bug, or no memory. Nobody knows what state the run is in: its workers are ended, what they had said counts, and
/// the reports are written.
Status Engine::break_off(const Error& error) {
  const std::string what = "internal error (" + guardian_.page.stage() + "): " + error.message;
  // An end that was decided before the exception is void: finish() takes the code of this error.
  ended_ = false;
  broken_ = true;
  const bool ran = phase_ != nullptr;
  crew_.kill_all("trun failed");
  // What has thrown may throw again.
  (void)guarded([&] {
    if (ran) phase_->tell_rest();
    return ok_status();
  });
  phase_.reset();  // from here on verdicts are told as they come
  for (const TimePoint late = Clock::now() + kHastily; !crew_.all_gone() && Clock::now() < late;) {
    // Each round alone: a frame that makes a handler throw must not hide those of other workers.
    (void)guarded([&] {
      loop_.run_one(std::chrono::milliseconds(5));
      return ok_status();
    });
  }
  (void)guarded([&] {
    for (ItemIndex item = 0; ran && item < collection().items.size(); ++item) tell_not_run(item, what);
    return ok_status();
  });
  return internal_error(what);
}

void Engine::tell_not_run(ItemIndex item, const std::string& why) {
  if (narrator_.tally().has(item)) return;
  TestResult result;
  result.item = item;
  result.outcome = outcome::NotRun{why};
  tell(event::TestFinished{std::move(result), Clock::now()});
}

/// Not even the end went well: what is left is the reports, and the guardian, which ends all that lives.
int Engine::finish_broken(const Error& error) {
  const std::string what = "internal error (" + guardian_.page.stage() + "): " + error.message;
  std::fprintf(stderr, "trun: %s\n", what.c_str());
  if (started_ == TimePoint{} || std::exchange(reported_, true)) return kInternal;
  (void)guarded([&] {
    notice(event::Notice::Level::error, what);
    tell(event::RunFinished{kInternal, {}, Clock::now()});
    (void)narrator_.flush(kHastily);
    return ok_status();
  });
  return kInternal;
}

void Engine::tell_failure(const Error& error) {
  const bool is_reported = started_ != TimePoint{} && error.kind == Error::Kind::internal;
  if (is_reported) notice(event::Notice::Level::error, error.message);
  if (!is_reported || plan_.solo) std::fprintf(stderr, "trun: %s\n", error.message.c_str());
}

int Engine::finish(const Status& status) {
  if (!status.ok() && !ended_) {
    tell_failure(status.error());
    (void)end(status.error().kind == Error::Kind::usage ? kUsage : kInternal);
  }
  const Duration running = Clock::now() - collected_;
  // The server writes while the workers end; its answer is waited for after that.
  const bool caching = !broken_ && !plan_.solo && pytest_.options.cache && shutdown_.ask_for_cache(history_, plan_);
  // Owners of once-fixtures hold their session until this is said, and would not end.
  separation_.tests_are_over();
  shutdown_.end_sessions(stop_code_.has_value());
  // What sessions delivered at their end.
  if (phase_) drain();
  if (caching) shutdown_.await_cache();
  await_orphans();
  // After the workers, as xdist's controller: the host's session finish is told the code that the run has without it.
  const int without = exit_code(), with = end_host(without);
  shutdown_.clean_up(abandoned_ ? "nobody waits for it" : "the run is over", jobs_.hung_up() ? kHastily : kOrderly);
  // Ends that the clean-up has brought about.
  if (phase_) drain();
  if (started_ == TimePoint{}) return exit_code_;
  narrator_.release(plan_.mode == CollectMode::each);
  event::RunFigures figures = narrator_.tally().figures(running);
  figures.wall = Clock::now() - begin_;
  figures.startup = started_ - begin_;
  figures.collection = collected_ > started_ ? collected_ - started_ : Duration{0};
  // What came to light in the clean-up (a session that had to be ended) outweighs the host's word.
  const int code = exit_code() == without ? with : exit_code();
  // Before the reports are told: if that throws, finish_broken() must not tell the end a second time.
  reported_ = true;
  give_back_free_memory();  // reports are large where the run was
  shutdown_.report({code, std::move(figures), Clock::now()});
  at("waiting for the reader of its output");
  shutdown_.write_out();
  // A report that is missing fails a run that was well; a code that says more stands.
  return narrator_.failed() && code == kOk ? kInternal : code;
}

/// What workers have left has its moment to end by itself; then it is ended and named.
void Engine::await_orphans() {
  const TimePoint latest = Clock::now() + 2 * kOrphansMayTake;
  orphans_.tick(run_id_, Clock::now());
  while (orphans_.any_of_the_gone() && !abandoned_ && Clock::now() < latest) {
    loop_.run_one(std::chrono::milliseconds(5));
    (void)reap_strangers([this](pid_t pid) { return is_own(pid) || crew_.knows(pid); });
    orphans_.tick(run_id_, Clock::now());
  }
}

int Engine::exit_code() const {
  if (ended_) return exit_code_;
  // Solo, pytest itself has judged.
  if (plan_.solo) return solo_code(crew_.session_code(0), stop_code_, solo_.crashed);
  ExitFacts facts = exit_facts(stop_code_, collection_, collection().items.size(), narrator_.tally(), crew_,
                               pytest_.options.max_warnings);
  if (supervisor_.session_lost()) facts.sessions.push_back({kInternal, false});
  return trun::exit_code(facts);
}

}  // namespace trun
