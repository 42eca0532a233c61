// check_allocations LOG: judges the event log of a run, for tests. Exit 0: in order; 1: violations, the first of them
// named; 4: there is no such log.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "tests/allocations/check_allocations.h"

int main(int argc, char** argv) {
  constexpr std::size_t kMost = 20;
  const char* path = argc == 2 ? argv[1] : "";
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    std::fprintf(stderr, "check_allocations: cannot read the event log '%s'\n", path);
    return 4;
  }
  const trun::AllocationCheck check = trun::check_allocations(text.str());
  for (std::size_t i = 0; i < std::min(check.violations.size(), kMost); ++i) {
    const trun::Violation& violation = check.violations[i];
    std::printf("%s:%zu: %s: %s\n", path, violation.line, violation.kind.c_str(), violation.what.c_str());
  }
  if (check.violations.size() > kMost) std::printf("... and %zu more\n", check.violations.size() - kMost);
  std::printf("%zu tests, %zu holds, %zu violations\n", check.tests, check.holds, check.violations.size());
  return check.violations.empty() ? 0 : 1;
}
