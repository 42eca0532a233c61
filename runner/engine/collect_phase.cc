#include "runner/engine/collect_phase.h"

#include <signal.h>

#include <algorithm>

#include "runner/containment/evidence.h"
#include "runner/wire/protocol.h"

namespace trun {
namespace {

/// How long a collecting process whose work is thrown away may take to leave.
constexpr Duration kGoodbye = std::chrono::seconds(2);

/// What the report of a file says that ended or hung the process which imported it.
std::string how_it_broke(const WorkerProcess& worker) {
  if (!worker.stopping) {
    return "The process that imported it ended: " + ending(worker) + "\n" + fold_machinery(worker.err.tail());
  }
  std::string text = worker.stopping->reason + "; the process that imported it was ended.\n";
  for (const auto& [title, found] : worker.stopping->evidence) {
    if (title == "stacks") text += found;
  }
  return text;
}

}  // namespace

Status CollectPhase::run() {
  TRUN_CHECK(collect());
  // Each time a file less, so it ends.
  while (const auto again = why_again()) {
    context_.narrator.notice(event::Notice::Level::detail, "collecting again: " + *again);
    // Its atexit handlers remove what its imports have made.
    if (find_bound()) {
      context_.plan.mode = CollectMode::each;
      context_.plan.found_bound = collector_->collection->bound_again;
      collector_->finish();
      const TimePoint late = Clock::now() + kGoodbye;
      context_.wait_until([&] { return Crew::gone(*collector_) || Clock::now() > late; });
    }
    // All of them: the shares of those who are well do not fit another way to collect.
    context_.end_all();
    context_.crew.discard();
    context_.narrator.forget_held();
    if (context_.plan.mode == CollectMode::sharded) context_.plan.mode = context_.plan.unsharded;
    // `fresh`, by the plan or since a forked process stood still: nothing may be forked from a process that has
    // imported.
    if (context_.plan.fresh && context_.plan.mode == CollectMode::once) context_.plan.mode = CollectMode::each;
    collector_ = nullptr;
    TRUN_CHECK(collect());
  }
  name_the_dead();
  return ok_status();
}

std::optional<std::string> CollectPhase::why_again() {
  if (context_.given_up()) return std::nullopt;
  // The cause before what follows from it: a process that died also makes the shares incomplete (Merge::again).
  if (const auto name = find_standing()) return *name + " stood still after it was forked";
  if (const auto file = find_broken()) return *file + " could not be imported";
  if (const auto name = find_stillborn()) return *name + " died before it had come to a file";
  if (context_.plan.mode == CollectMode::sharded) return merge_.again();
  return find_bound();
}

/// What the collecting process imported is bound to it: its workers would share or lose that.
std::optional<std::string> CollectPhase::find_bound() const {
  if (!collector_ || !collector_->collection || collector_->collection->bound.empty()) return std::nullopt;
  return "each: " + collector_->collection->bound.front() + ", which no other process can share";
}

/// The name of a process that a fork has left without threads; it was ended.
std::optional<std::string> CollectPhase::find_standing() const {
  for (const auto& worker : context_.crew.workers()) {
    if (worker->stood_still && !worker->collection) return whose(*worker);
  }
  return std::nullopt;
}

/// Notes files whose import ended or hung a process; they are not imported again. One of them; none if none is new.
std::optional<std::string> CollectPhase::find_broken() {
  std::optional<std::string> found;
  if (context_.plan.solo) return found;  // what pytest's own terminal has said cannot be taken back
  for (const auto& worker : context_.crew.workers()) {
    const std::string& file = worker->collecting.file;
    // Who was killed for nonsense (`lost`) says nothing against the file that it was at.
    if (worker->collection || worker->done || !Crew::gone(*worker) || file.empty() || !worker->lost.empty()) continue;
    // SIGKILL comes from outside, from a person or for want of memory: the file has a second chance.
    const bool killed = !worker->stopping && worker->exited->signaled && worker->exited->code == SIGKILL;
    if (killed && suspects_.insert(file).second) {
      found = file;
    } else if (context_.plan.broken.emplace(file, how_it_broke(*worker)).second) {
      found = file;
    }
  }
  return found;
}

/// A process that was ended before it came to a file: no file is to blame, and the next one may live. Once a run.
std::optional<std::string> CollectPhase::find_stillborn() {
  if (context_.plan.solo || tried_again_) return std::nullopt;
  for (const auto& worker : context_.crew.workers()) {
    const bool ended = Crew::gone(*worker) && !worker->collection && !worker->done && !worker->stopping;
    if (!ended || !worker->collecting.file.empty() || !worker->lost.empty()) continue;
    tried_again_ = true;
    return whose(*worker);
  }
  return std::nullopt;
}

Status CollectPhase::collect() {
  merge_ = Merge(context_.plan.mode, context_.found, context_.rootdir);
  if (context_.plan.mode == CollectMode::once) {
    TRUN_TRY(collector, context_.start_collector());
    collector_ = collector;
  } else {
    for (Slot slot = 0; slot < context_.plan.workers; ++slot) {
      TRUN_CHECK(context_.start_worker(slot));
    }
  }
  context_.wait_until([this] { return context_.crew.all_collected_or_gone(); });
  std::size_t items = 0;
  for (const auto& worker : context_.crew.workers()) {
    if (worker->collection) items += worker->collection->items.size();
    // Of copies only the first is kept.
    if (context_.plan.mode == CollectMode::each) break;
  }
  // Growing a vector of a million items would hold it twice for a moment.
  merge_.expect(items);
  for (const auto& worker : context_.crew.workers()) merge_.add(*worker);
  return ok_status();
}

void CollectPhase::name_the_dead() {
  const auto& workers = context_.crew.workers();
  const bool others_collected =
      std::any_of(workers.begin(), workers.end(), [](const auto& worker) { return worker->collection.has_value(); });
  for (const auto& worker : context_.crew.workers()) {
    if (worker->collection || !Crew::gone(*worker)) continue;
    if (worker->done) {
      // Where it is everybody's, pytest has said it for all.
      if (others_collected)
        context_.narrator.notice(event::Notice::Level::error,
                                 whose(*worker) + " ended its session before it had collected, with exit code " +
                                     std::to_string(worker->done->end.code) + "; others did collect" +
                                     last_words(*worker));
      continue;
    }
    const std::string file = worker->collecting.path.empty() ? "" : " " + worker->collecting.path;
    context_.narrator.notice(event::Notice::Level::error, whose(*worker) + " ended while it collected" + file + ": " +
                                                              ending(*worker) + last_words(*worker));
  }
}

}  // namespace trun
