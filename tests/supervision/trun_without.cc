// trun with safeguards off, for the negative controls of tests/supervision: TRUN_WITHOUT names them ("sweep,kill"). It
// is built with the tests and is no part of what is installed.

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "runner/config/config.h"
#include "runner/containment/guardian.h"
#include "runner/engine/engine.h"

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  auto config = trun::load_config({argv + 1, argv + argc}, fs::current_path());
  if (!config.ok()) return std::fprintf(stderr, "%s\n", config.error().message.c_str()), 4;
  const char* value = std::getenv("TRUN_WITHOUT");
  const std::string without = "," + std::string(value ? value : "") + ",";
  const auto is_on = [&](const char* name) { return without.find("," + std::string(name) + ",") == std::string::npos; };
  config->safeguards = {is_on("sweep"), is_on("kill"), is_on("verdict")};
  const fs::path beside = fs::read_symlink("/proc/self/exe").parent_path();
  const trun::EngineFiles files{fs::canonical(beside / "../plugins/python/trun_worker/boot.py"), {}};
  ::signal(SIGPIPE, SIG_IGN);
  trun::GuardianOptions guardian;
  guardian.sweep = config->safeguards.sweep;
  return trun::run_guarded(
      [&](trun::Fd pipe, trun::GuardianPage& page) {
        return trun::run_engine(*config, files, {std::move(pipe), page});
      },
      guardian);
}
