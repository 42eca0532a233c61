// CategoryCounts: how many reports of each of pytest's categories there were, and what follows from it: the main colour
// of the run and the parts of the closing line. The keys of pytest's TerminalReporter.stats; the reports themselves are
// in stats.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reporters/text.h"

namespace trun {

class CategoryCounts {
 public:
  /// Counts `n` reports. The empty category (set-up and teardown that passed) and n = 0 leave no trace.
  void add(std::string_view category, std::size_t n = 1);
  std::size_t count(std::string_view category) const;

  /// Red if something failed, yellow if something is odd or, at the end, nothing passed; green otherwise.
  Color main_color(bool is_last_item) const;

  /// ("3 failed", red and bold), ... in pytest's order; ("no tests ran", yellow) if there is nothing.
  std::vector<std::pair<std::string, Markup>> closing_parts(Color main) const;

 private:
  /// In the order they were first seen; half a dozen at most.
  std::vector<std::pair<std::string, std::size_t>> counts_;
};

}  // namespace trun
