// What goes into the set of services and what comes out: plain data. ServiceEvent is what happened to one of them;
// ServiceStep is what follows: news for the engine, then actions to be carried out. Nothing here knows processes or
// clocks.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "runner/base/clock.h"
#include "runner/services/plan/service_plan.h"

namespace trun {

namespace service_event {

/// A test, a mode or a person needs them, and so what they need. Those that are wanted together are started in the
/// order of their phases.
struct Wanted {
  std::vector<ServiceIndex> services;
};
/// It is to be used by somebody new: is it still healthy? Answered by news Ready, Died or Failed. Nothing if it is not
/// ready at the moment: those news are still to come, or were told.
struct Reused {
  ServiceIndex service = 0;
};
/// Answers Launch.
struct Launched {
  ServiceIndex service = 0;
};
struct LaunchFailed {
  ServiceIndex service = 0;
  std::string why;
};
/// Answer Check. An answer of a process that is gone meanwhile is ignored.
struct CheckPassed {
  ServiceIndex service = 0;
};
struct CheckFailed {
  ServiceIndex service = 0;
  std::string what;  ///< "connection refused by 127.0.0.1:4711"
};
/// The process ended; what it left behind is swept by whoever tells this.
struct Exited {
  ServiceIndex service = 0;
  std::string how;  ///< "exit 1", "signal 9 (SIGKILL)"
};
/// trun must end it ("memory: 700 MB, the limit is 512 MB").
struct Unhealthy {
  ServiceIndex service = 0;
  std::string why;
};
/// Nothing is started any more, and all that runs is stopped.
struct StopAll {};

}  // namespace service_event

using ServiceEvent = std::variant<service_event::Wanted, service_event::Reused, service_event::Launched,
                                  service_event::LaunchFailed, service_event::CheckPassed, service_event::CheckFailed,
                                  service_event::Exited, service_event::Unhealthy, service_event::StopAll>;

namespace service_action {

/// Answered by Launched or LaunchFailed.
struct Launch {
  ServiceIndex service = 0;
};
/// Look once whether it is ready. Answered by CheckPassed or CheckFailed.
struct Check {
  ServiceIndex service = 0;
};
/// The stop signal, to its group.
struct Terminate {
  ServiceIndex service = 0;
};
/// SIGKILL, to its group. Answered by Exited, as the end is in any case.
struct Kill {
  ServiceIndex service = 0;
};

}  // namespace service_action

using ServiceAction =
    std::variant<service_action::Launch, service_action::Check, service_action::Terminate, service_action::Kill>;

/// What became of a service.
struct ServiceNews {
  enum class What {
    ready,    ///< for the first time, again, or still (after Reused)
    died,     ///< while it was ready; it is started again
    failed,   ///< it is not started again
    stopped,  ///< by StopAll
  } what = What::ready;
  ServiceIndex service = 0;
  std::string why;   ///< of died and failed: a sentence without its subject, "died (signal 9, SIGKILL)"
  Duration took{0};  ///< of ready: since its launch
};

struct ServiceStep {
  std::vector<ServiceNews> news;
  std::vector<ServiceAction> actions;
};

}  // namespace trun
