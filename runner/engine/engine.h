// The engine: one run from configuration to exit code. Its main function reads as the run goes: start the fork server,
// decide, collect, run, finish. Everything it says goes out as RunEvents; everything that happens comes in as
// WorkerEvents.
#pragma once

#include <string>

#include "runner/config/config.h"
#include "runner/containment/guardian_page.h"
#include "runner/kernel/fd.h"

namespace trun {

/// Where trun finds what belongs to it.
struct EngineFiles {
  std::string boot;    ///< the worker package's boot.py
  std::string prefix;  ///< the folder above that of the binary
};

/// What ties the engine to its guardian.
struct Guardianship {
  Fd pipe;  ///< readable when the guardian is dead
  GuardianPage& page;
};

/// Runs the suite and returns pytest's exit code for it.
int run_engine(const Config& config, const EngineFiles& files, Guardianship guardian);

}  // namespace trun
