#include "runner/base/test_item.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace trun {
namespace {

constexpr std::array<std::string_view, 3> kIsolations = {"none", "file", "test"};

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

}  // namespace

std::string_view node_path(std::string_view node_id) { return node_id.substr(0, node_id.find("::")); }

std::optional<ResourceDemand> parse_demand(std::string_view text) {
  using Mode = ResourceDemand::Mode;
  constexpr std::array<std::pair<std::string_view, Mode>, 3> kModes = {
      {{"read:", Mode::read}, {"write:", Mode::write}, {"exclusive:", Mode::write}}};
  ResourceDemand demand;
  for (const auto& [prefix, mode] : kModes) {
    if (!text.starts_with(prefix)) continue;
    demand.mode = mode;
    text.remove_prefix(prefix.size());
  }
  // An amount is for units only: a reader shares one unit, a writer has all of them.
  if (const auto colon = text.find(':'); colon != std::string_view::npos && demand.mode == Mode::units) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), demand.amount);
    if (error != std::errc{} || end != digits.data() + digits.size() || demand.amount == 0) return std::nullopt;
    text = text.substr(0, colon);
  }
  // "read:db:2" still has its colon here, and is refused.
  if (!is_name(text)) return std::nullopt;
  demand.name = text;
  return demand;
}

std::string demand_text(const ResourceDemand& demand) {
  switch (demand.mode) {
    case ResourceDemand::Mode::read:
      return "read:" + demand.name;
    case ResourceDemand::Mode::write:
      return "write:" + demand.name;
    case ResourceDemand::Mode::units:
      break;
  }
  // As a user writes it; parse_demand() reads both forms.
  return demand.amount == 1 ? demand.name : demand.name + ":" + std::to_string(demand.amount);
}

std::optional<Isolation> parse_isolation(std::string_view text) {
  const auto found = std::find(kIsolations.begin(), kIsolations.end(), text);
  if (found == kIsolations.end()) return std::nullopt;
  return static_cast<Isolation>(found - kIsolations.begin());
}

std::string_view isolation_name(Isolation isolation) { return kIsolations[static_cast<std::size_t>(isolation)]; }

}  // namespace trun
