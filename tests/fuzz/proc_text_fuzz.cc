// The kernel's files, as they might be on a kernel that we have not seen: whatever they say, numbers stay in their
// bounds.
#include <cmath>

#include "runner/proc_text.h"
#include "tests/fuzz/fuzz.h"

namespace trun {

void fuzz(std::string_view text) {
  if (const auto pid = posix::parse_pid(text)) require(*pid >= 0, "a pid is not negative");
  if (const auto parent = posix::parent_in_stat(text)) require(*parent >= 0, "a pid is not negative");
  const std::string stat = "7 (" + std::string(text) + ") S 42 1 1";
  require(posix::parent_in_stat(stat) == 42, "a name says nothing of the parent");
  const auto quota = posix::parse_cpu_quota(text);
  require(!quota || (std::isfinite(*quota) && *quota > 0), "a quota is a number of processors");
  const auto line = posix::parse_cgroup_line(text);
  if (!line) return;
  require(line->group.empty() || (line->group.size() > 1 && line->group[0] == '/'), "a group is a path, or the root");
  require(line->controllers.find(':') == std::string_view::npos, "controllers end at the colon");
  require(!line->names_cpu() || line->controllers.find("cpu") != std::string_view::npos, "cpu is named by its name");
}

}  // namespace trun
