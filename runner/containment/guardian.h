// The guardian: the tiny parent of the engine. A subreaper, so that whatever the engine's processes leave behind
// (daemons in sessions of their own included) comes to it when the engine dies, by kill -9 too; it then kills and reaps
// until nothing is left. It hands signals on, stops and continues with the engine, and returns the engine's
// exit status. It sees when the engine's loop stands still, says so, and ends a run that does not move any more. It
// knows nothing of tests. If the guardian itself is killed, the engine sees end-of-file on its pipe.
#pragma once

#include <functional>

#include "runner/base/clock.h"
#include "runner/containment/guardian_page.h"
#include "runner/kernel/fd.h"

namespace trun {

struct GuardianOptions {
  /// How long the sweep after the engine's end may take.
  Duration sweep_limit = std::chrono::seconds(2);
  /// Off only in the test that shows what survives without it.
  bool sweep = true;
  /// How long the engine may stand still (GuardianPage::beat) before it is called (wake_up.h), and then killed; zero:
  /// as long as it likes.
  Duration stall_limit{0};
};

/// The engine: gets the guardian's pipe and page.
using EngineMain = std::function<int(Fd guardian_pipe, GuardianPage& page)>;

/// Forks; runs `engine_main` in the child, which exits with what it returns (through std::exit; it never returns
/// from here), and guards it in the parent. `engine_main` gets the read end of the guardian's pipe: nothing is ever
/// written to it, end-of-file means that the guardian is dead. It runs with the signal mask that the caller had.
/// Returns, in the parent, the engine's exit code; 3, with a message on stderr, if a signal killed it or it could not
/// be started.
///
/// Forwarded once each: SIGINT SIGTERM SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGTSTP SIGWINCH, unless ignored at the start
/// (nohup) or sent by the terminal to the whole foreground group, the engine included. Who signals the group by hand
/// (kill -- -PGID, timeout(1)) reaches the engine directly and through the guardian, within milliseconds.
///
/// REQUIRES: one thread, and no child of the caller that anybody else waits for.
int run_guarded(const EngineMain& engine_main, const GuardianOptions& options = {});

}  // namespace trun
