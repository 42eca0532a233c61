#include "runner/collect_phase.h"

namespace trun {

Status CollectPhase::run() {
  TRUN_CHECK(collect());
  const auto again = merge_.again();
  if (ground_.plan.mode == CollectMode::sharded && again) {
    ground_.narrator.notice(event::Notice::Level::detail, "collecting again, not sharded: " + *again);
    ground_.end_all();
    ground_.crew.clear();
    ground_.factory.forget_attempts();
    ground_.narrator.forget_held();
    ground_.plan.mode = ground_.plan.unsharded;
    TRUN_CHECK(collect());
  }
  name_the_dead();
  return ok_status();
}

Status CollectPhase::collect() {
  merge_ = Merge(ground_.plan.mode, ground_.found, ground_.rootdir);
  if (ground_.plan.mode == CollectMode::once) {
    TRUN_TRY(collector, ground_.factory.fork_collector());
    collector_ = ground_.adopt(std::move(collector));
  } else {
    for (Slot slot = 0; slot < ground_.plan.workers; ++slot) {
      TRUN_TRY(worker, ground_.factory.fork(slot, {}));
      ground_.adopt(std::move(worker));
    }
  }
  ground_.wait_until([this] { return ground_.crew.all_collected_or_gone(); });
  for (const auto& worker : ground_.crew.workers()) merge_.add(*worker);
  return ok_status();
}

void CollectPhase::name_the_dead() {
  for (const auto& worker : ground_.crew.workers()) {
    if (worker->collection || worker->done || !Crew::gone(*worker)) continue;
    const std::string name = worker->collector ? "the collecting process" : worker_name(worker->slot);
    const std::string file = worker->collecting.empty() ? "" : " " + worker->collecting;
    ground_.narrator.notice(event::Notice::Level::error,
                            name + " ended while it collected" + file + ": " + ending(*worker));
  }
}

}  // namespace trun
