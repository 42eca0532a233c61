// How Dispatcher fills the queue of a worker that runs low.
#include <algorithm>
#include <iterator>
#include <utility>

#include "scheduler/dispatcher.h"

namespace trun {
namespace {

using Life = WorkerState::Life;

// What is left is cut into so many chunks a worker, so that chunks shrink towards the end (guided self-scheduling).
constexpr double kChunksPerWorker = 4;
// A shorter chunk costs more in messages than it gains in balance; a longer one cannot be taken back.
constexpr double kShortestChunk = 5e6;
constexpr double kLongestChunk = 25e6;
constexpr std::size_t kMostItems = 1000;
// Before anything was measured: few, since each may take minutes.
constexpr std::size_t kMostUnmeasured = 16;

}  // namespace

// A worker begins a test only when it knows the next one, or that there is none: pytest's nextitem decides which
// fixtures are torn down. While more is to come a queue is open, and its last test waits; an open queue must hold more
// than `low` tests, or the worker would not ask for more. Once nothing follows the queue is closed (`end`). Two
// workers, files a (items 0-3) and b (items 4-7), no history, each test takes 1 ms:
//
//   gw0 is ready    gw0 runs 0 1     8 tests / (4 chunks * 2 workers): a chunk of one test. One test in an open queue
//                                    would not begin, so the loop takes a second chunk. low = 1.
//   gw1 is ready    gw1 runs 4 5     b is its allotment (WorkPool::take).
//   0 passes        gw0 runs 2       The queue is down to `low`. No earlier run knows a: one test at a time at the end.
//   4 passes        gw1 runs 6
//   1 passes        gw0 has 3        Only 7 is left, 1 ms, which is less than a move costs (kWorthMoving). That b takes
//                                    1 ms is a guess: 3 waits (may_come()), as long as 7 is not given out.
//   5 passes        gw1 runs 7 end
//                   gw0 runs 3 end   Nothing more comes to gw0, so 3 is run with nextitem None.
//
// What follows if there is nothing for the worker, though tests are left: where the process may run none of them (its
// limit on tests, another cell, all of them before what it has run), recycle() has a fresh one take over; where
// they wait for resources, settle() comes back at each event; sharded, steal() has a fresh process collect files of
// another slot; else the queue is closed.
void Dispatcher::refill(Slot slot, Step& step) {
  WorkerState& worker = crew_[slot];
  // While the slot changes processes nothing is assigned; Ready or Collected comes back here. A worn worker is let
  // through with a full queue: it takes nothing, but its successor may be due.
  if (!worker.usable() || worker.changing() || (worker.queue.size() > worker.low && !worker.worn)) return;
  if (is_through(slot)) {
    if (const auto why = why_recycle(slot); why == event::WorkerRecycled::Cause::order) recycle(slot, *why, step);
    return;
  }
  // A serial test runs in another slot.
  if (gate_ && gate_->closed_to(slot)) return;
  std::vector<ItemIndex> items;
  std::size_t low = worker.low;
  Step steals;
  do {
    ChunkSize chunk = chunk_for(slot);
    chunk.most = capacity(slot);
    chunk.cell = worker.cell;
    std::vector<ItemIndex> more;
    Choice choice;
    if (gate_) choice = choose(slot, items);
    if (choice.closes) break;
    chunk.candidate = choice.candidate;
    chunk.spare = choice.candidate ? spare(slot, pool_.free_of(choice.candidate->kind)) : spare(slot, pool_.free());
    // spare() leaves work to idle workers. This one is idle itself, or waits with its last test, and gets at least one.
    if (items.empty() && (worker.queue.empty() || is_waiting(worker)))
      chunk.spare = std::max<std::size_t>(chunk.spare, 1);
    if (!gate_ || choice.candidate) more = pool_.take(slot, chunk);
    if (more.empty()) {
      // What it has and cannot run is its successor's. If it only waits for resources, others' work may fill the time.
      const bool waits = gate_ && !choice.candidate && capacity(slot) > 0 && shards_.can_steal_plain(slot);
      if (!options_.sharded || !(pool_.own(slot).empty() || waits)) break;
      // Without a transfer it had collected the stolen files before and can run them: the loop takes them.
      if (!shards_.steal(slot, steals) || worker.transfer) break;
      continue;
    }
    // Taken with the first chunk and held for those behind it: a queue holds tests of one kind.
    if (choice.candidate && choice.candidate->kind != 0 && !gate_->holds(slot))
      gate_->take(slot, *choice.candidate, more.front());
    worker.given += more.size();
    worker.cell = partition_.cell_of(more.front());
    // Half of the chunk is in the queue when the worker asks, so it goes on while the answer is on its way.
    low = std::max<std::size_t>(1, more.size() / 2);
    items.insert(items.end(), more.begin(), more.end());
  } while (worker.queue.size() + items.size() <= low);
  assign(slot, std::move(items), low, step);
  if (const auto why = why_recycle(slot)) recycle(slot, *why, step);
  // Collecting comes after what it can run already.
  std::move(steals.actions.begin(), steals.actions.end(), std::back_inserter(step.actions));
}

void Dispatcher::assign(Slot slot, std::vector<ItemIndex> items, std::size_t low, Step& step) {
  WorkerState& worker = crew_[slot];
  // A worker asks for more only after it has run something, and it does not begin the last test of an open queue. A
  // single test in an open queue would wait for ever.
  const bool enough = worker.queue.size() + items.size() > low;
  const bool sure = gate_ && !worker.transfer ? enough && goes_on(slot, items) : has_more(slot);
  worker.waits = !sure && may_come(slot);
  const bool more = sure || worker.waits;
  // Nothing new to say: the queue stays open, or was closed before. Else an Assign without items closes it.
  if (items.empty() && (more || !worker.open)) return;
  // To wait for resources is nothing new to a worker that waits.
  if (gate_ && items.empty() && worker.queue.empty()) return;
  worker.low = low;
  worker.open = more;
  worker.queue.insert(worker.queue.end(), items.begin(), items.end());
  action::Assign assign{slot, std::move(items), static_cast<unsigned>(low), !more, {}, {}};
  // Where tests demand something queues are closed though more follows. The last test is run with the likely next one
  // as nextitem, so that wider fixtures stay set up.
  if (gate_ && assign.end) assign.next = likely_next(slot);
  if (gate_ && !assign.items.empty()) assign.resources = gate_->held(slot);
  step.actions.emplace_back(std::move(assign));
}

// An idle worker begins what the gate lets it. Behind tests that demand something come tests of the same file that
// demand the same, nothing else: what they hold is held for them. Behind plain tests come plain ones, unless others can
// have now what they wait for: then the queue runs out first, so that nothing is held by tests that only stand in it.
Dispatcher::Choice Dispatcher::choose(Slot slot, const std::vector<ItemIndex>& items) {
  const WorkerState& worker = crew_[slot];
  if (capacity(slot) == 0) return {};
  const ResourceGate::IsThere is_there = [this](WaitingLine::Place place) {
    // Tests of a slot whose worker is dead are in nobody's way: they are begun after its replacement is ready.
    const bool has_runner = place.slot >= crew_.size() || crew_[place.slot].alive();
    return has_runner && pool_.waits(place.kind, place.slot);
  };
  const std::vector<Candidate> candidates = pool_.candidates(slot, worker.cell);
  if (items.empty() && worker.queue.empty()) {
    const bool alone = std::all_of(crew_.begin(), crew_.end(), [](const auto& w) { return w.queue.empty(); });
    return {gate_->choose(slot, candidates, alone, is_there), false};
  }
  const ItemIndex last = items.empty() ? worker.queue.back() : items.back();
  // All of these run under the resources that the first one took.
  if (const KindIndex kind = kinds_.of(last); kind != 0) {
    if (!pool_.continues(slot, last, worker.cell)) return {std::nullopt, true};
    return {Candidate{kind, true}, false};
  }
  if (gate_->gives_way(slot, candidates, is_there)) return {std::nullopt, true};
  const auto plain =
      std::find_if(candidates.begin(), candidates.end(), [](const auto& each) { return each.kind == 0; });
  if (plain == candidates.end()) return {};
  return {*plain, false};
}

// Whether what comes next may stand behind `items`, or what is in the queue, so that the last of these knows its
// successor.
bool Dispatcher::goes_on(Slot slot, const std::vector<ItemIndex>& items) const {
  const WorkerState& worker = crew_[slot];
  if (items.empty() || capacity(slot) == 0) return false;
  if (kinds_.of(items.back()) != 0) return pool_.continues(slot, items.back(), worker.cell);
  // The queue runs out so that the worker becomes idle, which it must be to take resources.
  if (gate_->promised(slot)) return false;
  return pool_.has_for(slot, spare(slot, pool_.free_of(0)), Wanted(worker.cell, 0)) ||
         (options_.sharded && pool_.own(slot).empty() && shards_.can_steal(slot));
}

std::optional<ItemIndex> Dispatcher::likely_next(Slot slot) const {
  const WorkerState& worker = crew_[slot];
  if (capacity(slot) == 0) return std::nullopt;
  if (const auto promised = gate_->promised(slot)) return pool_.next(slot, Wanted(worker.cell, promised->kind));
  return pool_.next(slot, worker.cell);
}

// While a worker collects, its last test waits for the next one, so that wider fixtures stay set up.
bool Dispatcher::has_more(Slot slot) const {
  const WorkerState& worker = crew_[slot];
  if (worker.transfer) return true;
  if (capacity(slot) == 0) return false;
  if (!options_.sharded) return pool_.has_for(slot, spare(slot, pool_.free()), worker.cell);
  return pool_.own(slot).empty() ? shards_.can_steal(slot) : pool_.has_for(slot, 0, worker.cell);
}

// Whether tests of others may still come to this slot, though what is left seems too little to move. Where no earlier
// run tells of it that is a guess: 16 quick tests make the run believe that those of the other files are quick, too.
// The last test waits then, at most until all is given out (wake()).
bool Dispatcher::may_come(Slot slot) const {
  if (!is_plain() || capacity(slot) == 0 || pool_.free() == 0) return false;
  const auto at_work = [&](const WorkerState& other) { return &other != &crew_[slot] && other.alive(); };
  return std::any_of(crew_.begin(), crew_.end(), at_work) && pool_.has_guesses();
}

// Whether a process has been told of its last test. That test tears down the session's fixtures, and under pytest and
// xdist no process sets them up a second time: whatever comes back or turns out to be slow is for others, as long as
// there are any. With a gate the last test was told what is likely to follow, and keeps them.
bool Dispatcher::is_through(Slot slot) const {
  const WorkerState& worker = crew_[slot];
  // A worn one is given nothing anyway: refill() has a fresh process take over.
  if (!is_plain() || worker.open || worker.given == 0 || capacity(slot) == 0) return false;
  for (Slot other = 0; other < crew_.size(); ++other) {
    const WorkerState& it = crew_[other];
    const bool will_be_there =
        it.life == Life::starting || (it.recycling && !it.relieves) || (just_died_ == other && it.life == Life::dead);
    const bool takes_it = it.usable() && it.open && capacity(other) > 0 && pool_.has_for(other, 1, it.cell);
    if (other != slot && (will_be_there || takes_it)) return true;
  }
  return false;
}

// How many tests the process in `slot` may still be given.
std::size_t Dispatcher::capacity(Slot slot) const {
  const WorkerState& worker = crew_[slot];
  if (worker.worn) return 0;
  if (options_.max_tests_per_worker == 0) return ~std::size_t{0};
  // `given` counts what was assigned, not what has run: a chunk is cut before the verdicts on the last one are in.
  return options_.max_tests_per_worker - std::min(options_.max_tests_per_worker, worker.given);
}

std::size_t Dispatcher::spare(Slot slot, std::size_t free) const { return free - std::min(free, reserve(slot, free)); }

// The process is succeeded by a fresh one, which starts while it runs out its queue.
void Dispatcher::recycle(Slot slot, event::WorkerRecycled::Cause cause, Step& step) {
  WorkerState& worker = crew_[slot];
  worker.recycling = true;
  worker.relieves = cause == event::WorkerRecycled::Cause::order;
  worker.waits_since = cost_.now();
  worker.open = false;
  step.events.emplace_back(event::WorkerRecycled{slot, cause, worker.worn_detail, {}});
  step.actions.emplace_back(action::Recycle{slot, options_.sharded ? shards_.files(slot) : std::vector<FileIndex>()});
}

// Why a process may run nothing of what there is for its slot, and a fresh one might; none: it is not so.
std::optional<event::WorkerRecycled::Cause> Dispatcher::why_recycle(Slot slot) const {
  using Cause = event::WorkerRecycled::Cause;
  const WorkerState& worker = crew_[slot];
  // A process that was given nothing is as fresh as its successor would be.
  if ((worker.given == 0 && !worker.worn) || worker.changing() || has_more(slot)) return std::nullopt;
  // An idle worker may have one part whatever is kept for others, as in refill().
  const std::size_t room = std::max<std::size_t>(spare(slot, pool_.free()), worker.queue.empty() ? 1 : 0);
  const bool work = options_.sharded ? !pool_.own(slot).empty() && shards_.claims_settled() : pool_.has_for(slot, room);
  Wanted anew;
  if (options_.takes_over && !options_.sharded) anew.anew = 1 + relieving();
  // Each of those that are on their way takes something.
  if (!work && (anew.anew == 0 || pool_.free() < anew.anew || !pool_.has_for(slot, room, anew))) return std::nullopt;
  if (worker.worn) return worker.why_worn;
  if (capacity(slot) == 0) return Cause::tests;
  // What is left is of another cell, or behind it.
  return work ? Cause::isolation : Cause::order;
}

// How many fresh processes are there, or on their way, for what others have.
std::size_t Dispatcher::relieving() const {
  const auto relieves = [](const WorkerState& it) { return it.relieves || (it.idle() && it.given == 0); };
  return static_cast<std::size_t>(std::count_if(crew_.begin(), crew_.end(), relieves));
}

ChunkSize Dispatcher::chunk_for(Slot slot) const {
  // Sharded, the worker divides its own files alone, unsharded all workers divide what is left.
  const double shares = kChunksPerWorker * (options_.sharded ? 1 : static_cast<double>(crew_.size()));
  ChunkSize chunk;
  chunk.items = options_.max_chunk > 0 ? std::min(kMostItems, options_.max_chunk) : kMostItems;
  chunk.nanoseconds = kLongestChunk;
  const double items = static_cast<double>(pool_.size()) / kChunksPerWorker / static_cast<double>(crew_.size());
  if (!estimates_.measured()) {
    chunk.items = std::clamp<std::size_t>(static_cast<std::size_t>(items), 1, kMostUnmeasured);
    // Durations are guesses before the first verdict: the number of tests alone limits the chunk.
    chunk.nanoseconds = 1e18;
    // Fewer tests than chunks: a whole class for one worker would leave others without work.
    chunk.exact = items < 1;
    if (options_.max_chunk > 0) chunk.items = std::min(chunk.items, options_.max_chunk);
    return chunk;
  }
  // The first tests of a file may be quick, and the others slow: at the end that is known before all are given out.
  if (!options_.sharded && crew_.size() > 1) chunk.guessed = std::max<std::size_t>(static_cast<std::size_t>(items), 1);
  const double weight = options_.sharded ? pool_.own_weight(slot) : pool_.weight();
  const double share = weight * estimates_.factor() / shares;
  chunk.nanoseconds = std::clamp(share, kShortestChunk, kLongestChunk);
  chunk.exact = share < kShortestChunk;
  return chunk;
}

// How many items (or parts) are to be left for workers that have none: a second one in this queue would keep them idle.
std::size_t Dispatcher::reserve(Slot slot, std::size_t free) const {
  // Sharded, nobody else can run it; in order, nothing is moved; with more parts than workers there is enough for all.
  if (options_.sharded || options_.in_order || free > crew_.size()) return 0;
  // An average part that costs less than its move is better run here.
  if (!pool_.worth_moving(pool_.weight() / static_cast<double>(std::max<std::size_t>(1, pool_.free())))) return 0;
  std::size_t hungry = 0;
  for (Slot other = 0; other < crew_.size(); ++other) {
    const WorkerState& worker = crew_[other];
    // One that is idle because it may have nothing of what is left (it would have to go back for it) waits in vain.
    const bool waits =
        (worker.idle() || is_waiting(worker)) && !is_through(other) && pool_.has_for(other, 1, worker.cell);
    hungry += other != slot && (waits || worker.life == Life::starting ||
                                (worker.recycling && !worker.relieves && worker.queue.empty()));
  }
  return hungry;
}

}  // namespace trun
