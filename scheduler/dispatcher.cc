#include "scheduler/dispatcher.h"

#include <algorithm>
#include <utility>

#include "runner/base/invariant.h"

namespace trun {
namespace {

using Life = WorkerState::Life;

// A worker that cannot even get ready so often in a row will not the next time.
constexpr unsigned kMostEarlyDeaths = 2;

}  // namespace

Dispatcher::Dispatcher(const Collection& collection, const SchedulerOptions& options, const Estimates& estimates)
    : options_(options),
      estimates_(estimates),
      kinds_(collection, options.resources),
      partition_(partition(collection, options, kinds_)),
      crew_(options.workers),
      pool_(collection, partition_, estimates, cost_, options.workers),
      shards_(collection, pool_, crew_, estimates, cost_, !options.in_order && options.takes_over, kinds_) {
  invariant(options.workers > 0, "a scheduler without workers");
  // Kind 0 demands nothing: a second kind means that some test demands something. Without one nobody holds anything,
  // and no step asks a gate.
  if (kinds_.size() > 1) {
    gate_.emplace(kinds_, options.workers);
    begun_by_.assign(partition_.units.size(), options.workers);
  }
  // Sharded, the pool stays empty until the workers have said what they collected (Shards::ready).
  if (!options.sharded) {
    using Affinity = SchedulerOptions::Affinity;
    // --no-loadscope-reorder of xdist is about what stays together: single tests are divided all the same.
    pool_.share_all(options.in_order || (!options.largest_first && options.affinity != Affinity::item));
  }
}

void Dispatcher::ready(const worker_event::Ready& event) {
  WorkerState& worker = crew_[event.slot];
  invariant(worker.life == Life::starting || worker.recycling, "Ready from a worker that was not starting");
  const bool successor = worker.recycling;
  worker.life = Life::ready;
  // Only deaths in a row say that a worker cannot get ready.
  worker.early_deaths = 0;
  changed_ = true;
  // The run was stopped, or the last verdict came, while it was starting: it gets no work.
  if (worker.told_to_finish) return;
  worker.runs_all = event.all;
  invariant(event.all || options_.sharded, "a worker that cannot run all items, unsharded");
  // It collected for itself: what its predecessor could run is not known to be there.
  if (successor) {
    worker.can_run.clear();
    cost_.took(worker.waits_since);
  } else if (!options_.sharded) {  // where they collect a share of the suite that is not what a takeover takes
    cost_.first_took(event.took);
  }
  if (options_.sharded) shards_.ready(event.slot, event.items);
  if (successor) take_over(event.slot);
}

void Dispatcher::collected(const worker_event::Collected& event) {
  if (!crew_[event.slot].usable()) return;
  shards_.collected(event.slot, event.items);
  take_over(event.slot);
  changed_ = true;
}

// A fresh process is in the slot. A worker that was worn while its successor was under way has left in its queue what
// it gave back (gave_back() does not touch a queue then): that is taken back here.
void Dispatcher::take_over(Slot slot) {
  WorkerState& worker = crew_[slot];
  std::deque<ItemIndex> left;
  if (worker.worn) left.swap(worker.queue);
  if (!left.empty()) pool_.take_back(slot, left, begun_by(slot, worker.last), options_.sharded);
  worker.renew();
  pool_.renew(slot);
  // The successor was told its files before these tests came back, and may not have them. It counts as worn at once, so
  // the next refill() recycles it, and the process after it is told these files too.
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
  // A successor is on its way: take_over() deals with the rest of the queue.
  if (worker.changing()) return;
  const auto kept = worker.queue.begin() + static_cast<std::ptrdiff_t>(std::min(event.keep, worker.queue.size()));
  const std::deque<ItemIndex> back(kept, worker.queue.end());
  worker.queue.erase(kept, worker.queue.end());
  if (back.empty()) return;
  const auto last = worker.queue.empty() ? worker.last : worker.queue.back();
  pool_.take_back(event.slot, back, begun_by(event.slot, last), options_.sharded);
  // If it kept nothing, no verdict will come that gives back what it holds.
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

void Dispatcher::finished(Slot slot, Duration setup) {
  cost_.set_up(setup);
  // drop() has emptied the queue of a session that stopped. The session may still report the test that it was at.
  if (crew_[slot].queue.empty()) return;
  crew_[slot].last = crew_[slot].queue.front();
  pool_.finished(slot);
  if (gate_) begun_by_[partition_.unit[crew_[slot].queue.front()]] = slot;
  crew_[slot].queue.pop_front();
  if (crew_[slot].recycling) crew_[slot].waits_since = cost_.now();
  release_if_done(slot);
}

// A queue holds tests of one kind: what they hold is given back with the last verdict.
void Dispatcher::release_if_done(Slot slot) {
  if (gate_ && crew_[slot].queue.empty()) gate_->release(slot);
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
  // The two lines that follow read the transfer and the queue, which forget() clears.
  shards_.died(slot);
  pool_.give_back(slot, worker.queue, options_.sharded);
  worker.forget();
  if (gate_) gate_->lost(slot, lingers);
  // Unsharded, a dead worker is replaced at this event or not at all: see needs_worker().
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
  // Before wake(): nobody steals before claims are settled.
  if (options_.sharded && changed_) settle_claims();
  // The living take first what came back. A replacement is started only for what they leave.
  wake(step);
  std::vector<Lost> lost;
  // Only the coming and going of workers makes a replacement necessary, or tests unreachable.
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
    // A worker that is starting is told too: it ends once it is ready.
    if (!worker.alive() || worker.told_to_finish) continue;
    worker.told_to_finish = true;
    step.actions.emplace_back(action::FinishWorker{slot});
  }
}

void Dispatcher::settle_claims() {
  if (shards_.claims_settled()) return;
  const bool open = std::any_of(crew_.begin(), crew_.end(), [](const auto& w) { return w.life == Life::starting; });
  if (!open) shards_.settle_claims();
}

void Dispatcher::wake(Step& step) {
  wake_idle(step);
  // After the idle ones: whoever waits with its last test learns here that more comes, or that all is given out.
  for (Slot slot = 0; slot < crew_.size(); ++slot) {
    if (crew_[slot].waits) refill(slot, step);
  }
}

void Dispatcher::wake_idle(Step& step) {
  // This runs at every event. What is not free (a sticky part that was begun) is for one slot alone, and that slot is
  // refilled at its own events. With resources or shards an idle worker may have parts of its own.
  if (pool_.empty() || (!gate_ && !options_.sharded && pool_.free() == 0)) return;
  // Asked once for all: with many idle workers and nothing to steal this runs at every event.
  const bool stealable = options_.sharded && shards_.can_steal(shards_.nobody());
  for (Slot slot = 0; slot < crew_.size(); ++slot) {
    if (!crew_[slot].idle()) continue;
    if (!options_.sharded || stealable || !pool_.own(slot).empty()) refill(slot, step);
  }
}

void Dispatcher::restart(Step& step) {
  // Before claims are settled it is not known which files a dead slot is to collect.
  if (pool_.empty() || (options_.sharded && !shards_.claims_settled())) return;
  for (Slot slot = 0; slot < crew_.size(); ++slot) {
    if (crew_[slot].life == Life::dead && needs_worker(slot)) start(slot, step);
  }
  // Nobody lives: any slot will do, its own work or not. start() lets it inherit the work of slots that were given up.
  for (Slot slot = 0; slot < crew_.size() && alive(crew_) == 0; ++slot) {
    if (crew_[slot].life == Life::dead) start(slot, step);
  }
  // Giving up may have left work to workers that had no part in it.
  wake(step);
}

bool Dispatcher::needs_worker(Slot slot) const {
  // Sharded, only this slot has collected its files. Unsharded, any worker can run what is left: a slot is replaced
  // when its worker dies and the others have left something, and stays empty otherwise.
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
    // Only restart() with no worker alive starts a slot without work of its own: needs_worker() does not.
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
