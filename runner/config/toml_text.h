// What a configuration file holds, as TOML again: what --show-config shows can be read back.
#pragma once

#include <string>
#include <string_view>

#include "runner/config/config_value.h"

namespace trun {

/// As it was written, on one line.
std::string show(const ConfigValue& value);

/// A basic TOML string with its quotes. TOML is UTF-8: bytes that are not become U+FFFD.
std::string toml_quoted(std::string_view text);

}  // namespace trun
