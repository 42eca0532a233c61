// The kernel's files, as they might be on a kernel that we have not seen: whatever they say, numbers stay in their
// bounds.
#include <cmath>

#include "runner/kernel/proc_text.h"
#include "tests/fuzz/fuzz.h"

namespace trun {
namespace {

/// Whatever else is in an environment, the first of a name counts.
void check_variables(const std::string& text) {
  const std::string value = text.substr(0, text.find('\0'));
  require(posix::find_variable("X=" + text, "X") == value, "a variable has its value");
  const auto after = posix::find_variable(text + '\0' + "trun=here", "trun");
  require(after == "here" || ('\0' + text).find('\0' + std::string("trun=")) != std::string::npos,
          "nothing hides a variable");
}

}  // namespace

void fuzz(std::string_view text) {
  if (const auto pid = posix::parse_pid(text)) require(*pid >= 0, "a pid is not negative");
  if (const auto stat = posix::parse_stat(text)) require(stat->parent >= 0, "a pid is not negative");
  const std::string odd = "7 (" + std::string(text) + ") S 42 1 1";
  const auto stat = posix::parse_stat(odd);
  require(stat && stat->name == text && stat->state == 'S' && stat->parent == 42, "a name says nothing of the rest");
  const std::string command = posix::readable_command(std::string(text));
  require(command.size() <= 203 && command.find_first_of("\n\r\x1b") == std::string::npos, "a command is a line");
  require(posix::resident_pages(text) <= UINT32_MAX, "memory has a bound");
  check_variables(std::string(text));
  const auto quota = posix::parse_cpu_quota(text);
  require(!quota || (std::isfinite(*quota) && *quota > 0), "a quota is a number of processors");
  (void)posix::parse_mount_line(text);
  const auto line = posix::parse_cgroup_line(text);
  if (!line) return;
  require(line->group.empty() || (line->group.size() > 1 && line->group[0] == '/'), "a group is a path, or the root");
  require(line->controllers.find(':') == std::string_view::npos, "controllers end at the colon");
  require(!posix::names(line->controllers, "cpu") || line->controllers.find("cpu") != std::string_view::npos,
          "cpu is named by its name");
}

}  // namespace trun
