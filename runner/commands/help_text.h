// What --help prints.
#pragma once

#include <string>

namespace trun {

/// One screen: the subcommands and the options.
std::string help_text();

}  // namespace trun
