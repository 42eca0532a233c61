// Surroundings: what the engine reads off the process and the machine at the start of a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trun {

/// Empty where it is not set.
std::string environment(const char* name);

/// Empty where it is not set, which is not the same as an empty text.
std::optional<std::string> environment_variable(std::string_view name);

/// "." where it is gone.
std::string current_directory();

/// 128 random bits as hexadecimal digits.
std::string fresh_run_id();

/// The wall clock, milliseconds since 1970.
std::int64_t unix_ms();

}  // namespace trun
