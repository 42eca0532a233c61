#include "scheduler/dispatcher.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runner/base/invariant.h"

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
// A worker that cannot even get ready so often in a row will not the next time.
constexpr unsigned kMostEarlyDeaths = 2;

}  // namespace

Dispatcher::Dispatcher(const Collection& collection, const SchedulerOptions& options, const Estimates& estimates)
    : options_(options),
      estimates_(estimates),
      kinds_(collection, options.resources),
      partition_(partition(collection, options, kinds_)),
      crew_(options.workers),
      pool_(collection, partition_, estimates, options.workers),
      shards_(collection, pool_, crew_, estimates, !options.in_order && options.takes_over, kinds_) {
  invariant(options.workers > 0, "a scheduler without workers");
  if (kinds_.size() > 1) {
    gate_.emplace(kinds_, options.workers);
    begun_by_.assign(partition_.units.size(), options.workers);
  }
  if (!options.sharded) {
    using Affinity = SchedulerOptions::Affinity;
    pool_.share_all(options.in_order || (!options.largest_first && options.affinity != Affinity::item));
  };
}

void Dispatcher::ready(const worker_event::Ready& event) {
  WorkerState& worker = crew_[event.slot];
  invariant(worker.life == Life::starting || worker.recycling, "Ready from a worker that was not starting");
  const bool successor = worker.recycling;
  worker.life = Life::ready;
  worker.early_deaths = 0;
  changed_ = true;
  if (worker.told_to_finish) return;
  worker.runs_all = event.all;
  invariant(event.all || options_.sharded, "a worker that cannot run all items, unsharded");
  if (successor) worker.can_run.clear();
  if (options_.sharded) shards_.ready(event.slot, event.items);
  if (successor) take_over(event.slot);
}

void Dispatcher::collected(const worker_event::Collected& event) {
  if (!crew_[event.slot].usable()) return;
  shards_.collected(event.slot, event.items);
  take_over(event.slot);
  changed_ = true;
}

// A fresh process is in the slot. What the one before it gave back at last, it may not have collected.
void Dispatcher::take_over(Slot slot) {
  WorkerState& worker = crew_[slot];
  std::deque<ItemIndex> left;
  if (worker.worn) left.swap(worker.queue);
  if (!left.empty()) pool_.take_back(slot, left, begun_by(slot, worker.last), options_.sharded);
  worker.renew();
  pool_.renew(slot);
  worker.worn = options_.sharded && !left.empty();
  release_if_done(slot);
}

void Dispatcher::gave_back(const worker_event::GaveBack& event) {
  WorkerState& worker = crew_[event.slot];
  if (!worker.alive()) return;
  worker.worn = true;
  worker.why_worn = event.cause;
  worker.worn_detail = event.detail;
  // It ends by itself, with what it kept.
  worker.open = false;
  if (worker.changing()) return;
  const auto kept = worker.queue.begin() + static_cast<std::ptrdiff_t>(std::min(event.keep, worker.queue.size()));
  const std::deque<ItemIndex> back(kept, worker.queue.end());
  worker.queue.erase(kept, worker.queue.end());
  if (back.empty()) return;
  const auto last = worker.queue.empty() ? worker.last : worker.queue.back();
  pool_.take_back(event.slot, back, begun_by(event.slot, last), options_.sharded);
  release_if_done(event.slot);
}

// Whether `slot` has run some of the unit of an item: that of `last`, and where tests demand something it may have been
// at others in between.
WorkPool::Begun Dispatcher::begun_by(Slot slot, std::optional<ItemIndex> last) const {
  return [this, slot, last](ItemIndex item) {
    const std::uint32_t unit = partition_.unit[item];
    return (last && partition_.unit[*last] == unit) || (gate_ && begun_by_[unit] == slot);
  };
}

void Dispatcher::finished(Slot slot) {
  if (crew_[slot].queue.empty()) return;
  crew_[slot].last = crew_[slot].queue.front();
  pool_.finished(slot, crew_[slot].queue.front(), crew_[slot].queue.size() == 1);
  if (gate_) begun_by_[partition_.unit[crew_[slot].queue.front()]] = slot;
  crew_[slot].queue.pop_front();
  release_if_done(slot);
}

// A queue holds tests of one kind: what they hold is given back with the last verdict.
void Dispatcher::release_if_done(Slot slot) {
  if (gate_ && crew_[slot].queue.empty()) gate_->release(slot);
}

void Dispatcher::refill(Slot slot, Step& step) {
  WorkerState& worker = crew_[slot];
  if (!worker.usable() || worker.changing() || (worker.queue.size() > worker.low && !worker.worn)) return;
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
    if (worker.queue.empty() && items.empty()) chunk.spare = std::max<std::size_t>(chunk.spare, 1);
    if (!gate_ || choice.candidate) more = pool_.take(slot, chunk);
    if (more.empty()) {
      // What it has and cannot run is its successor's. If it only waits for resources, others' work may fill the time.
      const bool waits = gate_ && !choice.candidate && capacity(slot) > 0 && shards_.can_steal_plain(slot);
      if (!options_.sharded || !(pool_.own(slot).empty() || waits)) break;
      if (!shards_.steal(slot, steals) || worker.transfer) break;
      continue;
    }
    if (choice.candidate && choice.candidate->kind != 0 && !gate_->holds(slot))
      gate_->take(slot, *choice.candidate, more.front());
    worker.given += more.size();
    worker.cell = partition_.cell_of(more.front());
    low = std::max<std::size_t>(1, more.size() / 2);
    items.insert(items.end(), more.begin(), more.end());
  } while (worker.queue.size() + items.size() <= low);
  assign(slot, std::move(items), low, step);
  recycle_if_due(slot, step);
  // Collecting comes after what it can run already.
  std::move(steals.actions.begin(), steals.actions.end(), std::back_inserter(step.actions));
}

void Dispatcher::assign(Slot slot, std::vector<ItemIndex> items, std::size_t low, Step& step) {
  WorkerState& worker = crew_[slot];
  // A worker does not ask before it has run something: what is left open must have been given two tests at least.
  const bool enough = worker.queue.size() + items.size() > low;
  const bool more = gate_ && !worker.transfer ? enough && goes_on(slot, items) : has_more(slot);
  if (items.empty() && (more || !worker.open)) return;
  // To wait for resources is nothing new to a worker that waits.
  if (gate_ && items.empty() && worker.queue.empty()) return;
  worker.low = low;
  worker.open = more;
  worker.queue.insert(worker.queue.end(), items.begin(), items.end());
  action::Assign assign{slot, std::move(items), static_cast<unsigned>(low), !more, {}, {}};
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
    const bool has_runner = place.slot >= crew_.size() || crew_[place.slot].alive();
    return has_runner && pool_.waits(place.kind, place.slot);
  };
  const std::vector<Candidate> candidates = pool_.candidates(slot, worker.cell);
  if (items.empty() && worker.queue.empty()) {
    const bool alone = std::all_of(crew_.begin(), crew_.end(), [](const auto& w) { return w.queue.empty(); });
    return {gate_->choose(slot, candidates, alone, is_there), false};
  }
  const ItemIndex last = items.empty() ? worker.queue.back() : items.back();
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

// How many tests the process in `slot` may still be given.
std::size_t Dispatcher::capacity(Slot slot) const {
  const WorkerState& worker = crew_[slot];
  if (worker.worn) return 0;
  if (options_.max_tests_per_worker == 0) return ~std::size_t{0};
  return options_.max_tests_per_worker - std::min(options_.max_tests_per_worker, worker.given);
}

std::size_t Dispatcher::spare(Slot slot, std::size_t free) const { return free - std::min(free, reserve(slot, free)); }

// A process that may run nothing of what there is for its slot is succeeded by a fresh one, which starts while it runs
// out its queue.
void Dispatcher::recycle_if_due(Slot slot, Step& step) {
  using Cause = event::WorkerRecycled::Cause;
  WorkerState& worker = crew_[slot];
  if ((worker.given == 0 && !worker.worn) || worker.changing() || has_more(slot)) return;
  const std::size_t room = std::max<std::size_t>(spare(slot, pool_.free()), worker.queue.empty() ? 1 : 0);
  if (options_.sharded ? pool_.own(slot).empty() || !shards_.claims_settled() : !pool_.has_for(slot, room)) return;
  worker.recycling = true;
  worker.open = false;
  const Cause cause = worker.worn ? worker.why_worn : capacity(slot) == 0 ? Cause::tests : Cause::isolation;
  step.events.emplace_back(event::WorkerRecycled{slot, cause, worker.worn_detail, {}});
  step.actions.emplace_back(action::Recycle{slot, options_.sharded ? shards_.files(slot) : std::vector<FileIndex>()});
}

void Dispatcher::lost(Slot slot, std::optional<ItemIndex> current, bool lingers) {
  WorkerState& worker = crew_[slot];
  invariant(worker.alive(), "a worker died twice");
  invariant(!current || worker.queue.empty() || worker.queue.front() == *current,
            "a worker died at a test that was not its oldest");
  // A session that had said that it runs nothing more may all the same have been at a test.
  if (current && !worker.queue.empty()) worker.queue.pop_front();
  if (worker.life == Life::starting) ++worker.early_deaths;
  worker.life = Life::dead;
  shards_.died(slot);
  pool_.give_back(slot, worker.queue, options_.sharded);
  worker.forget();
  if (gate_) gate_->lost(slot, lingers);
  just_died_ = slot;
  changed_ = true;
}

void Dispatcher::swept(Slot slot) {
  if (gate_) gate_->swept(slot);
}

void Dispatcher::give_up(Slot slot, std::string why) {
  WorkerState& worker = crew_[slot];
  worker.life = Life::given_up;
  why_given_up_ = std::move(why);
  changed_ = true;
}

std::vector<Dispatcher::Lost> Dispatcher::settle(Step& step) {
  if (options_.sharded && changed_) settle_claims();
  wake(step);
  std::vector<Lost> lost;
  if (!changed_) return lost;
  restart(step);
  lost.push_back({shards_.take_lost(), "could not be collected again"});
  lost.push_back({unreachable(), why_given_up_});
  just_died_.reset();
  changed_ = false;
  return lost;
}

void Dispatcher::finish_all(Step& step) {
  for (Slot slot = 0; slot < crew_.size(); ++slot) {
    WorkerState& worker = crew_[slot];
    if (!worker.alive() || worker.told_to_finish) continue;
    worker.told_to_finish = true;
    step.actions.emplace_back(action::FinishWorker{slot});
  }
}

ChunkSize Dispatcher::chunk_for(Slot slot) const {
  const double shares = kChunksPerWorker * (options_.sharded ? 1 : static_cast<double>(crew_.size()));
  ChunkSize chunk;
  chunk.items = options_.max_chunk > 0 ? std::min(kMostItems, options_.max_chunk) : kMostItems;
  chunk.nanoseconds = kLongestChunk;
  const double items = static_cast<double>(pool_.size()) / kChunksPerWorker / static_cast<double>(crew_.size());
  if (!estimates_.measured()) {
    chunk.items = std::clamp<std::size_t>(static_cast<std::size_t>(items), 1, kMostUnmeasured);
    chunk.nanoseconds = 1e18;
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
  if (options_.sharded || options_.in_order || free > crew_.size()) return 0;
  if (!pool_.worth_moving(pool_.weight() / static_cast<double>(std::max<std::size_t>(1, pool_.free())))) return 0;
  std::size_t hungry = 0;
  for (Slot other = 0; other < crew_.size(); ++other) {
    const WorkerState& worker = crew_[other];
    // One that is idle because it may have nothing of what is left (it would have to go back for it) waits in vain.
    const bool waits = worker.idle() && pool_.has_for(other, 1, worker.cell);
    hungry += other != slot && (waits || worker.life == Life::starting || (worker.recycling && worker.queue.empty()));
  }
  return hungry;
}

void Dispatcher::settle_claims() {
  if (shards_.claims_settled()) return;
  const bool open = std::any_of(crew_.begin(), crew_.end(), [](const auto& w) { return w.life == Life::starting; });
  if (!open) shards_.settle_claims();
}

void Dispatcher::wake(Step& step) {
  if (pool_.empty() || (!gate_ && !options_.sharded && pool_.free() == 0)) return;
  // Asked once for all: with many idle workers and nothing to steal this runs at every event.
  const bool stealable = options_.sharded && shards_.can_steal(shards_.nobody());
  for (Slot slot = 0; slot < crew_.size(); ++slot) {
    if (!crew_[slot].idle()) continue;
    if (!options_.sharded || stealable || !pool_.own(slot).empty()) refill(slot, step);
  }
}

void Dispatcher::restart(Step& step) {
  if (pool_.empty() || (options_.sharded && !shards_.claims_settled())) return;
  for (Slot slot = 0; slot < crew_.size(); ++slot) {
    if (crew_[slot].life == Life::dead && needs_worker(slot)) start(slot, step);
  }
  for (Slot slot = 0; slot < crew_.size() && alive(crew_) == 0; ++slot) {
    if (crew_[slot].life == Life::dead) start(slot, step);
  }
  // Giving up may have left work to workers that had no part in it.
  wake(step);
}

bool Dispatcher::needs_worker(Slot slot) const {
  if (options_.sharded) return !pool_.own(slot).empty();
  return just_died_ == slot && pool_.has_for(slot, pool_.free());
}

void Dispatcher::start(Slot slot, Step& step) {
  if (crew_[slot].early_deaths >= kMostEarlyDeaths) return give_up(slot, "workers died before they were ready");
  if (restarts_ == options_.max_restarts) {
    return give_up(slot, "workers died too often (" + std::to_string(restarts_) + " were replaced)");
  }
  ++restarts_;
  crew_[slot].life = Life::starting;
  action::StartWorker start{slot, {}};
  if (options_.sharded) {
    if (pool_.own(slot).empty()) shards_.inherit(slot);
    start.files = shards_.files(slot);
  }
  step.actions.emplace_back(std::move(start));
}

// Everything left, once no worker lives and none can be started.
std::vector<ItemIndex> Dispatcher::unreachable() {
  if (pool_.empty() || alive(crew_) > 0) return {};
  if (options_.sharded && !shards_.claims_settled()) return {};
  return pool_.drain();
}

}  // namespace trun
