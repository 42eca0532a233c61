// What `trun --show-config` prints: every setting that is in effect and where it came from, as a trun.toml with
// comments.
#pragma once

#include <string>

namespace trun {

struct Config;

/// Valid TOML: read back as a trun.toml it gives the same settings, but for paths that are not UTF-8.
std::string show_config(const Config& config);

}  // namespace trun
