#include "runner/commands/subcommand.h"

#include <algorithm>

#include "runner/commands/services_command.h"

namespace trun {

const std::vector<Subcommand>& subcommands() {
  static const std::vector<Subcommand> kAll = {
      {"services", "up|down|status|logs", "the services of trun.toml for a person at work", run_services_command},
  };
  return kAll;
}

const Subcommand* find_subcommand(const std::vector<std::string>& args) {
  if (args.empty()) return nullptr;
  const auto found = std::find_if(subcommands().begin(), subcommands().end(),
                                  [&](const Subcommand& each) { return each.name == args.front(); });
  return found == subcommands().end() ? nullptr : &*found;
}

}  // namespace trun
