#include "runner/engine/run_phase.h"

#include <algorithm>
#include <utility>

#include "reporters/json_text.h"
#include "runner/wire/protocol.h"

namespace trun {
namespace {

/// So many processes of a slot may be at the end of their sessions while another runs tests there.
constexpr std::size_t kMostLeaving = 4;

void dismiss(WorkerProcess& worker) {
  worker.retired = true;
  Crew::kill(worker);
}

/// {node id: {resource: [unit]}}: what each of the tests holds.
JsonText leases_of(const std::vector<NodeId>& items, const std::vector<event::HeldResource>& resources) {
  std::string held;
  for (const event::HeldResource& resource : resources) {
    held += held.empty() ? "{" : ",";
    append_json_string(held, resource.name);
    held += ":";
    append_json_array(held, resource.units, [&](unsigned unit) { held += std::to_string(unit); });
  }
  std::string text;
  for (const NodeId& item : items) {
    text += text.empty() ? "{" : ",";
    append_json_string(text, item);
    text += ":" + held + "}";
  }
  return text + "}";
}

}  // namespace

RunPhase::RunPhase(Context context, SchedulerOptions options)
    : context_(std::move(context)),
      sharded_(options.sharded),
      scheduler_(context_.collection, std::move(options)),
      lookup_(context_.collection) {}

void RunPhase::take_in(const WorkerProcess& worker) {
  // Between the two services are started, and that takes its time.
  if (Crew::gone(worker)) return exited(worker, Crew::last_moment(worker));
  ready(worker);
}

void RunPhase::ready(const WorkerProcess& worker) {
  if (changes_.count(worker.slot)) return finish_change(worker.slot);
  if (worker.retired) return;  // dismissed, while what it had sent was on its way
  push(ready_event(worker));
}

worker_event::Ready RunPhase::ready_event(const WorkerProcess& worker) {
  worker_event::Ready event{worker.slot, {}, !sharded_, worker.ready_at - worker.forked};
  if (sharded_) event.items = worker.items ? *worker.items : lookup_.items_of(*worker.collection);
  return event;
}

void RunPhase::heard(const WorkerProcess& worker) {
  const auto found = changes_.find(worker.slot);
  if (found != changes_.end() && found->second.recycling && found->second.old == &worker) finish_change(worker.slot);
}

bool RunPhase::gave_back(WorkerProcess& worker, const GaveBackFrame& frame) {
  const auto found = changes_.find(worker.slot);
  // It said so after its last test, and another one has its slot already.
  if (worker.retired && (found == changes_.end() || found->second.old != &worker)) return true;
  // What was delivered cannot come back, and what was not assigned was never there.
  if (frame.ordinal < worker.delivered || frame.ordinal > worker.assigned.size()) return false;
  worker.assigned.resize(frame.ordinal);
  worker.worn = true;
  push(worker_event::GaveBack{worker.slot, worker.assigned.size() - worker.delivered, frame.cause, frame.detail});
  // With less to run it may have run out its queue already.
  heard(worker);
  return true;
}

bool RunPhase::has_its_slot(const WorkerProcess& worker) const {
  const auto found = changes_.find(worker.slot);
  const bool replaced = worker.retired && (found == changes_.end() || found->second.old != &worker);
  return !worker.collector && !replaced;
}

void RunPhase::session_stopped(const WorkerProcess& worker, const std::string& reason) {
  if (!has_its_slot(worker)) return push(worker_event::StopRequested{reason});
  push(worker_event::SessionStopped{worker.slot, reason});
}

void RunPhase::exited(const WorkerProcess& worker, worker_event::Exited event) {
  const auto found = changes_.find(worker.slot);
  if (found == changes_.end()) {
    // A process that was to take over and did not: its slot is somebody else's already.
    if (!worker.retired) push_end(worker, std::move(event));
    return;
  }
  Change& change = found->second;
  // One whose slot is another's already has ended its session at last.
  if (&worker != change.old && &worker != change.fresh) return finish_change(worker.slot);
  // Clean: nothing that was assigned is without a verdict. One that is recycled may die at the end of its session,
  // since its tests are through; one that gives way for files must have said `done`.
  const bool clean = (worker.done || change.recycling) && worker.delivered == worker.assigned.size();
  if (&worker == change.old && clean) {
    change.old = nullptr;
    return finish_change(worker.slot);
  }
  if (&worker == change.old || !change.old) {
    // It died with work in hand, or its successor did with nothing else there: to the scheduler the slot's worker died.
    if (&worker == change.old && change.fresh) dismiss(*change.fresh);
    changes_.erase(found);
    return push_end(worker, std::move(event));
  }
  change.fresh = nullptr;  // the old one still has to run out its queue
}

void RunPhase::lingers(const WorkerProcess& worker) {
  if (!has_its_slot(worker)) return;
  // The run was stopped before it had come to them. It does not end before the run phase does: nobody waits for it
  // here.
  if (worker.delivered != worker.assigned.size())
    return session_stopped(worker, worker_name(worker.slot) + " ended its session before its tests had run");
  const auto found = changes_.find(worker.slot);
  if (found == changes_.end() || found->second.old != &worker) return;
  found->second.old = nullptr;
  finish_change(worker.slot);
}

void RunPhase::push_end(const WorkerProcess& worker, worker_event::Exited event) {
  // Only who held something is waited for: its processes may use that until they are gone.
  event.lingers = std::any_of(holds_.begin(), holds_.end(), [&](const auto& h) { return h.second == worker.slot; });
  if (event.lingers) lingering_.add(worker, Clock::now());
  push(std::move(event));
}

void RunPhase::sweep_dead(const std::function<bool(const WorkerProcess&)>& has_orphans) {
  for (const WorkerProcess* worker : lingering_.gone(has_orphans, Clock::now()))
    inbox_.emplace_back(worker_event::Swept{worker->slot});
  context_.crew.bury(Clock::now(),
                     [&](const WorkerProcess& worker) { return has_orphans(worker) || lingering_.has(worker); });
}

void RunPhase::note(const RunEvent& event) {
  if (const auto* taken = std::get_if<event::ResourcesTaken>(&event)) holds_[taken->hold] = taken->slot;
  if (const auto* released = std::get_if<event::ResourcesReleased>(&event)) holds_.erase(released->hold);
}

// One change of processes in a slot. `old` is closed, told to finish and retired; `fresh` is forked, or is `later`
// where processes of one name must not meet (RunPlan::one_at_a_time). gw0 has a test in hand and is recycled; its
// processes have pids 10 and 11:
//
//   10 delivers the test            heard(): it has run out its queue. It may still end its session.
//   11 has collected                ready(): with both, Ready goes to the scheduler, and 11 is assigned work
//   10 exits                        exited(): the change is over, 10 is retired, and its end means nothing here
//
//   10 dies with the test in hand   Exited goes to the scheduler; 11 is dismissed, and a new process is started
//   11 dies first                   10 runs out its queue; then Exited without a test, and a new process is started
//
// The same with CollectFiles, but that 10 must have ended (or linger) before 11 takes over, which Collected says. With
// `later` 11 is forked when 10 has ended. No more than kMostLeaving processes of a slot end their sessions beside the
// one that runs tests: with an isolated process for each test and a slow session finish they would pile up.
void RunPhase::finish_change(Slot slot) {
  if (!changes_.at(slot).old && changes_.at(slot).later)
    return start_fresh(slot, *std::exchange(changes_.at(slot).later, std::nullopt));
  const Change change = changes_.at(slot);
  const bool run_out = change.old && change.recycling && change.old->delivered == change.old->assigned.size() &&
                       context_.crew.leaving(slot) <= kMostLeaving;
  // Nobody can take over yet; each event that changes that comes here again.
  if (change.starting || (change.old && !run_out) || (change.fresh && !change.fresh->collection)) return;
  // Before the event: to what happens from now on the fresh process is the slot's worker.
  changes_.erase(slot);
  if (!change.fresh) return push(worker_event::Exited{slot, std::nullopt, {}, {}, {}, {}, {}, false});
  if (change.recycling) return push(ready_event(*change.fresh));
  push(worker_event::Collected{slot, lookup_.items_of(*change.fresh->collection)});
}

void RunPhase::drain() {
  while (!inbox_.empty()) {
    WorkerEvent event = std::move(inbox_.front());
    inbox_.pop_front();
    step_ = scheduler_.handle(std::move(event), Clock::now());
    // told_ counts an event before it is told: if that throws, tell_rest() does not tell it twice.
    for (told_ = 0; told_ < step_.events.size();) {
      RunEvent& out = step_.events[told_++];
      note(out);
      context_.narrator.tell(std::move(out));
    }
    for (const Action& action : step_.actions) std::visit([this](const auto& a) { perform(a); }, action);
  }
}

void RunPhase::tell_rest() {
  step_.events.erase(step_.events.begin(), step_.events.begin() + static_cast<std::ptrdiff_t>(told_));
  // In the order in which they came: the step at hand, what the scheduler had not handed out, what it had not seen. The
  // tally knows which of them were told.
  tell_rest(std::exchange(step_.events, {}));
  tell_rest(scheduler_.untold());
  std::vector<RunEvent> events;
  for (WorkerEvent& event : inbox_) {
    if (auto* finished = std::get_if<worker_event::Finished>(&event))
      events.emplace_back(event::TestFinished{std::move(finished->result), Clock::now()});
    const auto* exited = std::get_if<worker_event::Exited>(&event);
    if (exited && exited->current)
      events.emplace_back(event::TestFinished{result_of(*exited, Clock::now()), Clock::now()});
  }
  tell_rest(std::move(events));
}

void RunPhase::tell_rest(std::vector<RunEvent> events) {
  for (RunEvent& event : events) {
    const auto* finished = std::get_if<event::TestFinished>(&event);
    if (finished && !context_.narrator.tally().has(finished->result.item)) context_.narrator.tell(std::move(event));
  }
}

void RunPhase::perform(const action::Assign& assign) {
  WorkerProcess* worker = context_.crew.at(assign.slot);
  // What a worn one is given before the scheduler knows, it gives back with the rest.
  if (!worker || worker->worn) return;
  Assign frame;
  for (ItemIndex item : assign.items) {
    const TestItem& test = context_.collection.items[item];
    const auto repeat = context_.collection.repeats.find(item);
    if (repeat != context_.collection.repeats.end()) frame.repeats.emplace_back(frame.items.size(), repeat->second);
    frame.items.push_back(test.id);
    if (!test.demands.services.empty()) frame.services.push_back(test.id);
  }
  // The place in `assigned` is the ordinal by which page, ring and frames name the test.
  worker->assigned.insert(worker->assigned.end(), assign.items.begin(), assign.items.end());
  frame.low = assign.low;
  frame.end = assign.end;
  if (assign.next) frame.next = context_.collection.items[*assign.next].id;
  if (!assign.resources.empty()) frame.leases = leases_of(frame.items, assign.resources);
  worker->channel.send(encode(frame));
}

void RunPhase::perform(const action::CollectFiles& collect) { change(collect.slot, collect.files, false); }

void RunPhase::perform(const action::Recycle& recycle) { change(recycle.slot, recycle.files, true); }

void RunPhase::change(Slot slot, const std::vector<FileIndex>& files, bool recycling) {
  WorkerProcess* old = context_.crew.at(slot);
  if (!old) return;
  Assign close;
  close.end = true;
  // Closed before it is told to finish: the last test of an open queue would wait for its next one.
  old->channel.send(encode(close));
  old->finish();
  old->retired = true;
  // Before the fork. A fork from the collector lets the loop run until it is answered, and `old` may end meanwhile.
  changes_[slot] = {old, nullptr, recycling, true, {}, false};
  if (context_.one_at_a_time)
    changes_[slot].later = paths_of(files);
  else
    start_fresh(slot, paths_of(files));
}

void RunPhase::start_fresh(Slot slot, const std::vector<std::string>& only) {
  const auto fresh = context_.start(slot, only);
  const auto found = changes_.find(slot);
  if (found == changes_.end()) {
    // The old one died meanwhile, with work in hand.
    if (fresh.ok()) dismiss(**fresh);
    return;
  }
  found->second.starting = false;
  if (fresh.ok()) found->second.fresh = *fresh;
  if (fresh.ok() && found->second.finishes) (*fresh)->finish();
  finish_change(slot);
}

void RunPhase::perform(const action::StartWorker& start) { this->start(start.slot, paths_of(start.files)); }

void RunPhase::start(Slot slot, const std::vector<std::string>& only) {
  const auto worker = context_.start(slot, only);
  if (!worker.ok()) {
    push(worker_event::WorkerUnavailable{slot, worker.error().message});
  } else if ((*worker)->collection) {
    ready(**worker);
  }
}

void RunPhase::perform(const action::FinishWorker& finish) {
  const auto change = changes_.find(finish.slot);
  if (change != changes_.end()) {
    change->second.finishes = true;
    change->second.later.reset();
  }
  WorkerProcess* worker = context_.crew.at(finish.slot);
  if (worker) worker->finish();
}

void RunPhase::perform(const action::StopAll&) { context_.page.stop(); }

std::vector<std::string> RunPhase::paths_of(const std::vector<FileIndex>& files) const {
  std::vector<std::string> paths;
  for (FileIndex file : files) {
    const std::string& path = context_.collection.files[file].path;
    paths.push_back(path.front() == '/' ? path : context_.rootdir + "/" + path);
  }
  return paths;
}

}  // namespace trun
