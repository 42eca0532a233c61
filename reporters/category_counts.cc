#include "reporters/category_counts.h"

#include <algorithm>
#include <array>

namespace trun {
namespace {

// pytest's KNOWN_TYPES, in its order: the parts of the closing line come in this order, and a category that is missing
// here is a plugin's own.
constexpr std::array<std::string_view, 11> kKnown = {
    "failed",   "passed", "skipped",         "deselected",      "xfailed",         "xpassed",
    "warnings", "error",  "subtests passed", "subtests failed", "subtests skipped"};

bool is_known(std::string_view category) { return std::find(kKnown.begin(), kKnown.end(), category) != kKnown.end(); }

// pytest's _color_for_type; every other category is yellow.
Color color_of(std::string_view category) {
  if (category == "failed" || category == "error" || category == "subtests failed") return Color::red;
  if (category == "passed" || category == "subtests passed") return Color::green;
  return Color::yellow;
}

std::string pluralized(std::size_t count, std::string_view category) {
  std::string text = std::to_string(count) + " ";
  // pytest has plurals for these two only. "warnings" is one already, so one warning needs the singular.
  if (category == "warnings") return text + (count == 1 ? "warning" : "warnings");
  return text.append(category) + (category == "error" && count != 1 ? "s" : "");
}

}  // namespace

void CategoryCounts::add(std::string_view category, std::size_t n) {
  if (category.empty() || n == 0) return;
  for (auto& [name, count] : counts_) {
    if (name == category) return void(count += n);
  }
  counts_.emplace_back(category, n);
}

std::size_t CategoryCounts::count(std::string_view category) const {
  for (const auto& [name, count] : counts_) {
    if (name == category) return count;
  }
  return 0;
}

Color CategoryCounts::main_color(bool is_last_item) const {
  if (count("failed") || count("error")) return Color::red;
  const bool unknown = std::any_of(counts_.begin(), counts_.end(), [](const auto& c) { return !is_known(c.first); });
  if (unknown || count("warnings") || count("xpassed")) return Color::yellow;
  // While tests are still to come, a run without a pass so far is green. At its end it is yellow.
  return count("passed") || !is_last_item ? Color::green : Color::yellow;
}

std::vector<std::pair<std::string, Markup>> CategoryCounts::closing_parts(Color main) const {
  std::vector<std::pair<std::string, Markup>> parts;
  const auto add_part = [&](std::string_view category, std::size_t n) {
    const Color color = color_of(category);
    parts.emplace_back(pluralized(n, category), Markup{color, color == main});
  };
  for (const std::string_view category : kKnown) {
    if (const std::size_t n = count(category)) add_part(category, n);
  }
  // Plugins' categories ("rerun") stand behind pytest's, in the order in which they came.
  for (const auto& [category, n] : counts_) {
    if (!is_known(category)) add_part(category, n);
  }
  if (parts.empty()) parts.emplace_back("no tests ran", Markup{Color::yellow});
  return parts;
}

}  // namespace trun
