#include "runner/config/option_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include "runner/config/did_you_mean.h"
#include "runner/config/toml_text.h"

namespace trun {
namespace {

template <typename Enum, std::size_t N>
using Names = std::array<std::pair<std::string_view, Enum>, N>;

constexpr Names<DistMode, 6> kDistModes = {{{"load", DistMode::load},
                                            {"loadfile", DistMode::loadfile},
                                            {"loadscope", DistMode::loadscope},
                                            {"loadgroup", DistMode::loadgroup},
                                            {"worksteal", DistMode::worksteal},
                                            {"no", DistMode::no}}};
constexpr Names<RequestedCollect, 4> kCollectModes = {{{"auto", RequestedCollect::automatic},
                                                       {"each", RequestedCollect::each},
                                                       {"once", RequestedCollect::once},
                                                       {"sharded", RequestedCollect::sharded}}};
constexpr Names<StartMode, 3> kStartModes = {
    {{"auto", StartMode::automatic}, {"fresh", StartMode::fresh}, {"fork", StartMode::fork}}};
constexpr Names<LaneMode, 2> kLaneModes = {{{"auto", LaneMode::automatic}, {"standard", LaneMode::standard}}};

constexpr Names<MemoryBy, 3> kMemoryBy = {
    {{"resident", MemoryBy::resident}, {"address_space", MemoryBy::address_space}, {"cgroup", MemoryBy::cgroup}}};

constexpr std::array<std::pair<std::string_view, double>, 4> kSeconds = {
    {{"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}}};
// show() writes the units 1 to 4; the others are read only.
constexpr std::array<std::pair<std::string_view, double>, 9> kBytes = {{{"B", 1},
                                                                        {"KB", 0x1p10},
                                                                        {"MB", 0x1p20},
                                                                        {"GB", 0x1p30},
                                                                        {"TB", 0x1p40},
                                                                        {"KiB", 0x1p10},
                                                                        {"MiB", 0x1p20},
                                                                        {"GiB", 0x1p30},
                                                                        {"TiB", 0x1p40}}};

/// Text of an argument or of a TOML string; nullptr for other types.
const std::string* text_of(const ConfigValue& value) {
  if (const auto* argument = std::get_if<ArgumentText>(&value.data)) return &argument->text;
  return std::get_if<std::string>(&value.data);
}

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

template <typename Enum, std::size_t N>
Complaint parse_choice(const ConfigValue& value, const Names<Enum, N>& names, Enum& out) {
  std::vector<std::string_view> allowed;
  std::string list;
  for (const auto& [name, choice] : names) {
    allowed.push_back(name);
    list += (list.empty() ? "" : ", ") + std::string(name);
  }
  const std::string* text = text_of(value);
  if (!text) return wrong_type(value, "a string (allowed: " + list + ")");
  for (const auto& [name, choice] : names) {
    if (name != *text) continue;
    out = choice;
    return {};
  }
  return "invalid value " + in_quotes(*text) + " (allowed: " + list + ")" + did_you_mean(*text, allowed);
}

template <typename Enum, std::size_t N>
std::string_view name_of(const Names<Enum, N>& names, Enum value) {
  return std::find_if(names.begin(), names.end(), [&](const auto& pair) { return pair.second == value; })->first;
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  // from_chars: no locale, no blanks, and no rest behind the number.
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

std::optional<unsigned> as_count(std::int64_t number) {
  if (number < 0 || number > std::numeric_limits<int>::max()) return {};
  return static_cast<unsigned>(number);
}

std::optional<unsigned> parse_count(std::string_view text) {
  const auto number = parse_number<std::int64_t>(text);
  return number ? as_count(*number) : std::nullopt;
}

/// "1.5GB" as 1.5 times the unit of that name; a bare number counts in units of 1.
template <std::size_t N>
std::optional<double> parse_quantity(std::string_view text,
                                     const std::array<std::pair<std::string_view, double>, N>& units) {
  const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = parse_number<double>(text.substr(0, digits));
  std::string_view unit = text.substr(digits);
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  if (!number) return {};
  if (unit.empty()) return number;
  for (const auto& [name, factor] : units)
    if (name == unit) return *number * factor;
  return {};
}

/// A quantity from text or a TOML number, below `limit`; nullopt if it is none.
template <std::size_t N>
std::optional<double> quantity(const ConfigValue& value,
                               const std::array<std::pair<std::string_view, double>, N>& units, double limit) {
  std::optional<double> amount;
  if (const std::string* text = text_of(value)) amount = parse_quantity(*text, units);
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) amount = static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&value.data)) amount = *number;
  // Also false for NaN, which TOML has.
  if (!amount || !(*amount >= 0 && *amount < limit)) return {};
  return amount;
}

/// How a scalar was written, for "invalid value ...".
std::string as_written(const ConfigValue& value) {
  if (const std::string* text = text_of(value)) return in_quotes(*text);
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value.data)) {
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%g", *number);
    return buffer.data();
  }
  return {};
}

Complaint bad_quantity(const ConfigValue& value, const std::string& wanted) {
  const std::string written = as_written(value);
  return written.empty() ? wrong_type(value, wanted) : "invalid value " + written + " (allowed: " + wanted + ")";
}

}  // namespace

const char* type_name(const ConfigValue& value) {
  static constexpr std::array<const char*, std::variant_size_v<decltype(value.data)>> kTypes = {
      "text", "a boolean", "an integer", "a float", "a string", "a date or time", "an array", "a table"};
  return kTypes[value.data.index()];
}

Complaint wrong_type(const ConfigValue& value, const std::string& wanted) {
  return "must be " + wanted + ", not " + type_name(value);
}

Complaint parse(const ConfigValue& value, bool& out) {
  const auto* boolean = std::get_if<bool>(&value.data);
  const auto* argument = std::get_if<ArgumentText>(&value.data);
  // Text is no boolean: `import_cwd = "false"` in a file must not be taken for true.
  if (!boolean && !(argument && argument->text.empty())) return wrong_type(value, "a boolean");
  // A flag on the command line has no value: it is there.
  out = boolean ? *boolean : true;
  return {};
}

Complaint parse(const ConfigValue& value, std::string& out) {
  const std::string* text = text_of(value);
  if (!text) return wrong_type(value, "a string");
  if (text->empty()) return "must not be empty";
  out = *text;
  return {};
}

Complaint parse(const ConfigValue& value, std::optional<unsigned>& out) {
  std::optional<unsigned> count;
  // Words of the command line are text by nature. In a file a number must be one: "4" is a mistake there.
  if (const auto* argument = std::get_if<ArgumentText>(&value.data)) {
    count = parse_count(argument->text);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
    count = as_count(*integer);
  } else {
    return wrong_type(value, "an integer");
  }
  if (!count) return "invalid value " + as_written(value) + " (allowed: a whole number from 0)";
  out = count;
  return {};
}

Complaint parse(const ConfigValue& value, std::vector<std::string>& out) {
  // One string is a list of one: `paths = "tests"`.
  if (const std::string* text = text_of(value)) {
    out = {*text};
    return {};
  }
  const auto* array = std::get_if<ConfigArray>(&value.data);
  if (!array) return wrong_type(value, "a string or an array of strings");
  out.clear();
  for (const ConfigValue& entry : *array) {
    if (Complaint complaint = parse(entry, out.emplace_back())) {
      // The place of the entry that is wrong, not of the array.
      complaint->line = entry.line;
      complaint->column = entry.column;
      return complaint;
    }
  }
  return {};
}

Complaint parse(const ConfigValue& value, std::optional<bool>& out) {
  bool given = false;
  if (Complaint complaint = parse(value, given)) return complaint;
  out = given;
  return {};
}

Complaint parse(const ConfigValue& value, Numprocesses& out) {
  std::optional<Numprocesses> parsed;
  if (const std::string* text = text_of(value)) {
    parsed = parse_numprocesses(*text);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
    if (const auto count = as_count(*integer)) parsed = Numprocesses{Numprocesses::Kind::count, *count};
  } else {
    return wrong_type(value, "an integer or a string (allowed: a whole number from 0, auto, logical)");
  }
  if (parsed) {
    out = *parsed;
    return {};
  }
  const std::string* text = text_of(value);
  return "invalid value " + as_written(value) + " (allowed: a whole number from 0, auto, logical)" +
         (text ? did_you_mean(*text, {"auto", "logical"}) : "");
}

Complaint parse(const ConfigValue& value, DistMode& out) { return parse_choice(value, kDistModes, out); }
Complaint parse(const ConfigValue& value, RequestedCollect& out) { return parse_choice(value, kCollectModes, out); }
Complaint parse(const ConfigValue& value, StartMode& out) { return parse_choice(value, kStartModes, out); }
Complaint parse(const ConfigValue& value, LaneMode& out) { return parse_choice(value, kLaneModes, out); }
Complaint parse(const ConfigValue& value, MemoryBy& out) { return parse_choice(value, kMemoryBy, out); }

Complaint parse(const ConfigValue& value, LeakPolicy& out) {
  const std::string* text = text_of(value);
  if (!text) return wrong_type(value, "a string");
  const auto policy = parse_leak_policy(*text);
  if (!policy) {
    return "invalid value " + as_written(value) +
           " (allowed: warn, fail or ignore, and KIND=ACTION for processes, threads, descriptors, ports and "
           "files, with commas between)";
  }
  out = *policy;
  return {};
}

Complaint parse(const ConfigValue& value, std::optional<Duration>& out) {
  // 1e9 seconds are 1e18 nanoseconds, the unit of Duration, and fit into 64 bits.
  const auto amount = quantity(value, kSeconds, 1e9);
  if (!amount) return bad_quantity(value, "a duration such as 500ms, 60s, 10min or 1h, or a number of seconds");
  // Whole milliseconds, as they are shown; but what is not nothing must not become nothing, which may mean "none".
  const std::int64_t ms = std::llround(*amount * 1e3);
  out = std::chrono::milliseconds(*amount > 0 ? std::max<std::int64_t>(ms, 1) : 0);
  return {};
}

Complaint parse(const ConfigValue& value, std::optional<ByteSize>& out) {
  // 2^60 bytes fit into 64 bits.
  const auto amount = quantity(value, kBytes, 0x1p60);
  if (!amount) return bad_quantity(value, "a size such as 512MB or 2GB, or a number of bytes");
  out = ByteSize{static_cast<std::uint64_t>(std::llround(*amount))};
  return {};
}

Complaint parse(const ConfigValue& value, Isolation& out) {
  std::string text;
  if (Complaint complaint = parse(value, text)) return complaint;
  const auto isolation = parse_isolation(text);
  if (!isolation)
    return "invalid value '" + text + "' (allowed: none, file, test)" + did_you_mean(text, {"none", "file", "test"});
  out = *isolation;
  return {};
}

std::string show(bool value) { return value ? "true" : "false"; }
std::string show(const std::string& value) { return value.empty() ? "" : toml_quoted(value); }
std::string show(const std::optional<unsigned>& value) { return value ? std::to_string(*value) : ""; }

std::string show(const Numprocesses& value) {
  switch (value.kind) {
    case Numprocesses::Kind::automatic:
      return "\"auto\"";
    case Numprocesses::Kind::logical:
      return "\"logical\"";
    case Numprocesses::Kind::count:
      break;
  }
  return std::to_string(value.count);
}

std::string show(DistMode value) { return toml_quoted(name_of(kDistModes, value)); }
std::string show(RequestedCollect value) { return toml_quoted(name_of(kCollectModes, value)); }
std::string show(StartMode value) { return toml_quoted(name_of(kStartModes, value)); }
std::string show(LaneMode value) { return toml_quoted(name_of(kLaneModes, value)); }
std::string show(MemoryBy value) { return toml_quoted(name_of(kMemoryBy, value)); }

std::string show(Isolation value) { return toml_quoted(isolation_name(value)); }
std::string show(const LeakPolicy& value) { return toml_quoted(leak_policy_text(value)); }

std::string show(const std::optional<Duration>& value) {
  if (!value) return {};
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(*value).count();
  return ms % 1000 ? "\"" + std::to_string(ms) + "ms\"" : "\"" + std::to_string(ms / 1000) + "s\"";
}

std::string show(const std::optional<ByteSize>& value) {
  if (!value) return {};
  // The largest unit that divides it without a rest, so that reading it again gives the same number.
  for (std::size_t unit : {4, 3, 2, 1}) {
    const auto factor = static_cast<std::uint64_t>(kBytes[unit].second);
    if (value->bytes && value->bytes % factor == 0)
      return toml_quoted(std::to_string(value->bytes / factor) + std::string(kBytes[unit].first));
  }
  return std::to_string(value->bytes);
}

std::optional<Numprocesses> parse_numprocesses(std::string_view text) {
  if (text == "auto") return Numprocesses{Numprocesses::Kind::automatic, 0};
  if (text == "logical") return Numprocesses{Numprocesses::Kind::logical, 0};
  if (const auto count = parse_count(text)) return Numprocesses{Numprocesses::Kind::count, *count};
  return {};
}

std::string_view collect_name(RequestedCollect mode) { return name_of(kCollectModes, mode); }
std::string_view start_name(StartMode mode) { return name_of(kStartModes, mode); }
std::string_view lane_name(LaneMode mode) { return name_of(kLaneModes, mode); }

}  // namespace trun
