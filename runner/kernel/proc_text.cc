#include "runner/kernel/proc_text.h"

#include <linux/futex.h>
#include <sys/syscall.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace trun::posix {
namespace {

constexpr std::string_view kBlanks = " \t\n";
/// PF_EXITING of the kernel's include/linux/sched.h.
constexpr std::uint32_t kExiting = 0x4;

/// Takes the next word off `text`; empty at its end.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

template <typename Number>
std::optional<Number> parse_natural(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::optional<pid_t> parse_pid(std::string_view text) { return parse_natural<pid_t>(text); }

std::optional<Stat> parse_stat(std::string_view text) {
  const std::size_t name = text.find('('), name_end = text.rfind(") ");  // the name may hold anything, ") " too
  if (name_end == std::string_view::npos || name > name_end) return std::nullopt;
  std::string_view rest = text.substr(name_end + 2);
  const std::string_view state = take_word(rest);
  const auto parent = parse_pid(take_word(rest));
  if (state.size() != 1 || !parent) return std::nullopt;
  for (int skipped = 0; skipped < 4; ++skipped) take_word(rest);  // group, session, terminal, its foreground
  const std::uint32_t flags = parse_natural<std::uint32_t>(take_word(rest)).value_or(0);
  // The kernel sets PF_EXITING at the beginning of a process's end, before its descriptors are closed (do_exit()).
  const bool exiting = state[0] == 'Z' || (flags & kExiting) != 0;
  return Stat{text.substr(name + 1, name_end - name - 1), state[0], *parent, exiting};
}

std::uint64_t resident_pages(std::string_view text) {
  take_word(text);  // of the whole address space
  return parse_natural<std::uint32_t>(take_word(text)).value_or(0);
}

std::string readable_command(std::string cmdline) {
  constexpr std::size_t kLongest = 200;
  while (!cmdline.empty() && cmdline.back() == '\0') cmdline.pop_back();
  // The zeros between arguments, and whatever would upset a terminal.
  std::replace_if(
      cmdline.begin(), cmdline.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return cmdline.size() > kLongest ? cmdline.substr(0, kLongest) + "..." : cmdline;
}

std::optional<std::string> find_variable(const std::string& environ, const std::string& name) {
  // With a zero in front of each entry, "A=" is not found within "DATA=".
  const std::string all = '\0' + environ;
  const std::size_t at = all.find('\0' + name + "=");
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + name.size() + 2;
  return all.substr(begin, all.find('\0', begin) - begin);
}

bool names(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(", \t\n"), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

std::optional<MountLine> parse_mount_line(std::string_view line) {
  // Before the dash stands a varying number of optional fields (proc(5)): what is behind it is found by the dash only.
  const std::size_t dash = line.find(" - ");
  if (dash == std::string_view::npos) return std::nullopt;
  std::string_view before = line.substr(0, dash), behind = line.substr(dash + 3);
  for (int skipped = 0; skipped < 3; ++skipped) take_word(before);  // id, parent, device
  MountLine mount;
  mount.inner = take_word(before);
  mount.place = take_word(before);
  mount.type = take_word(behind);
  take_word(behind);  // the source
  mount.options = take_word(behind);
  if (mount.place.empty() || mount.type.empty()) return std::nullopt;
  return mount;
}

std::optional<CgroupLine> parse_cgroup_line(std::string_view line) {
  const std::size_t first = line.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  // Only the first two colons separate: the path of a group may have some of its own.
  const std::size_t second = line.find(':', first + 1);
  if (second == std::string_view::npos || line.substr(second + 1, 1) != "/") return std::nullopt;
  const std::string_view group = line.substr(second + 1);
  return CgroupLine{line.substr(first + 1, second - first - 1), group == "/" ? std::string_view() : group};
}

std::optional<double> parse_cpu_quota(std::string_view text) {
  const auto quota = parse_natural<std::int64_t>(take_word(text));
  const auto period = parse_natural<std::int64_t>(take_word(text));
  // No quota is "max" in version 2 and -1 in version 1: neither is a natural number.
  if (!quota || !period || *quota == 0 || *period == 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

bool is_endless_wait(std::string_view syscall) {
  // The file holds the number of the system call and its arguments in hexadecimal; "running" if the thread is in none
  // (proc(5)).
  const std::string_view number = take_word(syscall);
  (void)take_word(syscall);  // the address of the lock
  const std::string_view operation = take_word(syscall);
  (void)take_word(syscall);  // the value that it waits for to change
  // The fourth argument is the time limit: a null pointer is none.
  if (number != std::to_string(SYS_futex) || take_word(syscall) != "0x0" || !operation.starts_with("0x")) return false;
  unsigned asked = 0;
  std::from_chars(operation.data() + 2, operation.data() + operation.size(), asked, 16);
  const unsigned command = asked & ~unsigned{FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME};
  // FUTEX_PRIVATE_FLAG: the lock is not shared with other processes (futex(2)), so only a thread of this one can
  // release it.
  return (asked & FUTEX_PRIVATE_FLAG) != 0 && (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET);
}

}  // namespace trun::posix
