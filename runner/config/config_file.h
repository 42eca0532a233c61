// trun.toml and [tool.trun] in pyproject.toml: found, read, and turned into values with places. What keys mean is not
// known here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runner/base/result.h"
#include "runner/config/config_value.h"

namespace trun {

struct ConfigFile {
  std::string path;
  ConfigTable table;  ///< trun's own keys: the top level of trun.toml, or [tool.trun]
};

/// Searches `directory` (absolute) and its parents up to the one that holds `.git`, or the root. In each, trun.toml
/// comes before a pyproject.toml with [tool.trun]; a pyproject.toml without it is passed over. None: an empty path.
Result<ConfigFile> find_config_file(const std::string& directory);

/// The bytes of a file. Error (usage): it cannot be read, and why.
Result<std::string> read_text(const std::string& path);

/// Reads exactly this file: [tool.trun] of a pyproject.toml (which must be there), the top level of any other.
Result<ConfigFile> read_config_file(const std::string& path);

/// The top level of a TOML document; `name` stands in messages ("name:line:column: ...").
Result<ConfigTable> parse_toml(std::string_view text, const std::string& name);

}  // namespace trun
