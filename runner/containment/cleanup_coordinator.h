// CleanupCoordinator: one per run; the list of what the run holds and how each thing is given back. Whoever acquires
// something (a worker, a service, a port lease, a temporary folder, a control group, a report) registers a handler at
// that moment and removes it when the thing is gone by itself. When the run is to end, the handlers are carried out
// phase by phase, those of one phase side by side; each has a time after which it is forced, and all of them together
// take no longer than the budget. One that fails, throws or hangs holds up no other. It is polled by the engine's loop:
// nothing in it waits, and no handler may.
//
//   const auto id = cleanup.add({CleanupPhase::services, "service db", std::chrono::seconds(2),
//                                [&] { return db.stop(); },        // SIGTERM
//                                [&] { return db.gone(); },        // polled
//                                [&] { return db.kill(); }});      // too late: SIGKILL
//   ...
//   cleanup.remove(id);  // it ended by itself
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "runner/base/clock.h"
#include "runner/base/result.h"
#include "runner/base/run_event.h"

namespace trun {

/// In this order. What is of one phase may rely on what is of later ones: a worker on its services, a service on its
/// port.
enum class CleanupPhase {
  workers,
  plugin_host,  ///< python processes that serve workers: the fork server, the plugin host
  services,
  strays,  ///< descendants that nobody knows any more
  leases,  ///< ports, locks
  folders,
  reports,
};

std::string_view cleanup_phase_name(CleanupPhase phase);

struct CleanupHandler {
  CleanupPhase phase = CleanupPhase::workers;
  std::string name;                                  ///< for people: "gw0 (pid 4711)"
  Duration limit = std::chrono::milliseconds(1500);  ///< from begin to force
  /// Starts it. An Error forces it at once. Empty: there is nothing to start.
  std::function<Status()> begin;
  /// Whether it is over. Empty: it is once begun.
  std::function<bool()> done;
  /// The harder way, once its time is up. Empty: there is none, it is given up.
  std::function<Status()> force;
};

class CleanupCoordinator {
 public:
  using Id = std::uint64_t;

  explicit CleanupCoordinator(Duration budget = std::chrono::seconds(5)) : budget_(budget) {}

  /// What the handler's functions refer to lives until remove() or the end of the clean-up. While a clean-up is under
  /// way, one of a phase that has been passed is carried out with the phase at hand.
  Id add(CleanupHandler handler);
  /// Nothing if it is not there.
  void remove(Id id);

  /// The clean-up begins; later requests only shorten it. `budget`: how long it may take, if not what is usual.
  void request(std::string reason, TimePoint now);
  void request(std::string reason, TimePoint now, Duration budget);
  bool requested() const { return requested_; }

  /// Does what is due up to and with phase `until`, without waiting. True: all of that is over.
  bool tick(TimePoint now, CleanupPhase until = CleanupPhase::reports);

  /// What was done so far, in order.
  const event::CleanupFinished& log() const { return log_; }

 private:
  struct Entry {
    CleanupHandler handler;
    bool begun = false, forced = false, over = false, removed = false;
    TimePoint begun_at{}, forced_at{};
    std::string error;
  };

  bool advance(Entry& entry, TimePoint now);
  void force(Entry& entry, TimePoint now);
  void finish(Entry& entry, std::string_view how, TimePoint now);

  const Duration budget_;
  std::map<Id, Entry> entries_;
  Id next_ = 1;

  bool requested_ = false;
  TimePoint requested_at_{}, force_from_{}, end_{};
  CleanupPhase phase_ = CleanupPhase::workers;
  event::CleanupFinished log_;
};

/// The log for people, a line a step.
std::string cleanup_text(const event::CleanupFinished& log);

}  // namespace trun
