// trun's main: reads the configuration, answers what needs no run, and runs the engine under its guardian.

#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "runner/commands/help_text.h"
#include "runner/commands/subcommand.h"
#include "runner/config/config.h"
#include "runner/config/show_config.h"
#include "runner/containment/guardian.h"
#include "runner/engine/engine.h"
#include "runner/kernel/descriptors.h"

namespace {

std::string executable_directory() {
  char path[PATH_MAX];
  // The kernel's link names the file itself, also where a symlink on PATH was called.
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  const std::string executable(path, size > 0 ? static_cast<std::size_t>(size) : 0);
  return executable.substr(0, executable.rfind('/'));
}

/// boot.py beside the binary: in the source tree (build/trun) or as installed (bin/trun, lib/trun).
std::string find_boot(const std::string& base) {
  for (const char* place : {"/../plugins/python/trun_worker/boot.py", "/../lib/trun/trun_worker/boot.py",
                            "/plugins/python/trun_worker/boot.py"}) {
    char resolved[PATH_MAX];
    if (::realpath((base + place).c_str(), resolved)) return resolved;
  }
  return {};
}

int fail(const std::string& message) {
  std::fprintf(stderr, "trun: %s\n", message.c_str());
  // pytest's exit code for wrong usage.
  return 4;
}

}  // namespace

int main(int argc, char** argv) {
  // First of all: the next descriptor that is opened would become standard output if that is closed.
  trun::fill_standard_streams();
  char cwd[PATH_MAX];
  if (!::getcwd(cwd, sizeof cwd)) return fail("the current directory is gone");
  const std::vector<std::string> args(argv + 1, argv + argc);
  // Only as the very first word: behind an option, `services` may be the folder of the tests.
  if (const auto* subcommand = trun::find_subcommand(args)) return subcommand->run({args.begin() + 1, args.end()});
  const auto config = trun::load_config(args, cwd);
  if (!config.ok()) return fail(config.error().message);
  if (config->help) return std::fputs(trun::help_text().c_str(), stdout) < 0;
  if (config->version) return std::puts("trun " TRUN_VERSION) < 0;
  if (config->show_config) return std::fputs(trun::show_config(*config).c_str(), stdout) < 0;
  const std::string base = executable_directory();
  const trun::EngineFiles files{find_boot(base), base.substr(0, base.rfind('/'))};
  if (files.boot.empty()) return fail("its worker package is not beside the binary; build or install trun again");
  // A reader that has gone away is an error of write() then, and the run ends in order.
  ::signal(SIGPIPE, SIG_IGN);
  // Before the fork, for guardian and engine.
  trun::raise_descriptor_limit();
  trun::GuardianOptions options;
  options.stall_limit = config->stall_limit.value_or(trun::Duration{0});
  // The parent becomes the guardian; the engine runs in a child.
  return trun::run_guarded(
      [&](trun::Fd guardian, trun::GuardianPage& page) {
        return trun::run_engine(*config, files, {std::move(guardian), page});
      },
      options);
}
