// From ConfigValue to the types of Config's members, and back to TOML. One pair of parse() and show() per type; the
// table of options (option.cc) picks them by the member's type. Text in, text out: no files, no environment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/clock.h"
#include "runner/config/config.h"
#include "runner/config/config_value.h"
#include "runner/config/option.h"

namespace trun {

/// Each sets `out`, or leaves it as it is and says what is wrong and what is allowed.
Complaint parse(const ConfigValue& value, bool& out);
Complaint parse(const ConfigValue& value, std::string& out);
Complaint parse(const ConfigValue& value, std::optional<unsigned>& out);
Complaint parse(const ConfigValue& value, Numprocesses& out);
Complaint parse(const ConfigValue& value, DistMode& out);
Complaint parse(const ConfigValue& value, RequestedCollect& out);
Complaint parse(const ConfigValue& value, StartMode& out);
Complaint parse(const ConfigValue& value, LaneMode& out);
Complaint parse(const ConfigValue& value, MemoryBy& out);
Complaint parse(const ConfigValue& value, LeakPolicy& out);
Complaint parse(const ConfigValue& value, Isolation& out);
/// "500ms", "60s", "10min", "1h" or a number of seconds; in whole milliseconds, at least 1 of what is more than 0.
Complaint parse(const ConfigValue& value, std::optional<Duration>& out);
/// "512MB", "2GB" (units are powers of 1024) or a number of bytes.
Complaint parse(const ConfigValue& value, std::optional<ByteSize>& out);
/// A string, or an array of them.
Complaint parse(const ConfigValue& value, std::vector<std::string>& out);
Complaint parse(const ConfigValue& value, std::optional<bool>& out);

/// "must be `wanted`, not an array".
Complaint wrong_type(const ConfigValue& value, const std::string& wanted);

/// The value as TOML; empty if it is not set.
std::string show(bool value);
std::string show(const std::string& value);
std::string show(const std::optional<unsigned>& value);
std::string show(const Numprocesses& value);
std::string show(DistMode value);
std::string show(RequestedCollect value);
std::string show(StartMode value);
std::string show(LaneMode value);
std::string show(MemoryBy value);
std::string show(Isolation value);
std::string show(const LeakPolicy& value);
std::string show(const std::optional<Duration>& value);
std::string show(const std::optional<ByteSize>& value);

}  // namespace trun
