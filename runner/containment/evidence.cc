#include "runner/containment/evidence.h"

#include <algorithm>
#include <array>
#include <map>

#include "runner/kernel/posix.h"

namespace trun {
namespace {

constexpr std::size_t kMostLines = 60;

std::string cut_off(std::size_t left_out) { return "... and " + std::to_string(left_out) + " more\n"; }

std::string line_of(const posix::ProcessFacts& facts, std::size_t depth) {
  return std::string(2 * depth, ' ') + std::to_string(facts.pid) + " " + facts.state + " " + facts.command + "\n";
}

/// Frames that are the same around every test.
bool is_machinery(std::string_view frame) {
  constexpr std::array<std::string_view, 4> kParts = {"/trun_worker/", "/_pytest/", "/pluggy/", "\"<frozen importlib"};
  return std::any_of(kParts.begin(), kParts.end(),
                     [&](std::string_view part) { return frame.find(part) != std::string_view::npos; });
}

/// Of '  File "/p/test_a.py", line 3 in test_x' behind "Current thread": "/p/test_a.py:3 in test_x".
std::string innermost_frame(std::string_view stacks) {
  // faulthandler marks the thread that got the signal. Without the mark, in a text that was cut off, the first frame is
  // taken.
  const std::size_t current = stacks.find("Current thread");
  const std::size_t frame = stacks.find("\n  File \"", current == std::string_view::npos ? 0 : current);
  if (frame == std::string_view::npos) return {};
  const std::string_view line = stacks.substr(frame + 9, stacks.find('\n', frame + 1) - frame - 9);
  const std::size_t name_end = line.find("\", line ");
  if (name_end == std::string_view::npos) return {};
  return std::string(line.substr(0, name_end)) + ":" + std::string(line.substr(name_end + 8));
}

}  // namespace

std::string fold_machinery(std::string_view stacks) {
  std::string text;
  bool first = true, folded = false;
  while (!stacks.empty()) {
    const std::size_t end = std::min(stacks.find('\n'), stacks.size() - 1) + 1;
    const std::string_view line = stacks.substr(0, end);
    stacks.remove_prefix(end);
    // faulthandler writes the most recent call first: the first frame of a thread is what the thread is at.
    const bool is_frame = line.starts_with("  File ");
    const bool fold = is_frame && !first && is_machinery(line);
    if (!fold || !folded) text += fold ? std::string_view("  ...\n") : line;
    first = !is_frame;
    folded = fold;
  }
  return text;
}

CrashWords split_crash(std::string_view last_words) {
  CrashWords words;
  // The last one: the process dies after it.
  const std::size_t begin = last_words.rfind("Fatal Python error: ");
  if (begin == std::string_view::npos) return {{}, {}, std::string(last_words)};
  // The blocks of its threads; behind them "Extension modules: ...", and what others have said meanwhile.
  std::size_t end = begin;
  bool in_stacks = true;
  while (end < last_words.size() && in_stacks) {
    const std::size_t next = std::min(last_words.find('\n', end), last_words.size() - 1) + 1;
    const std::string_view line = last_words.substr(end, next - end);
    in_stacks = end == begin || line == "\n" || line.starts_with("  ") || line.starts_with("Python runtime state") ||
                line.find("hread 0x") != std::string_view::npos || line.starts_with("Extension modules: ");
    if (in_stacks) end = next;
  }
  words.stacks = fold_machinery(last_words.substr(begin, end - begin));
  words.rest = std::string(last_words.substr(0, begin)) + std::string(last_words.substr(end));
  words.where = innermost_frame(words.stacks);
  return words;
}

std::string process_tree_text(pid_t pid) {
  const auto descendants = posix::descendants(pid);
  std::vector<pid_t> pids = {pid};
  if (descendants.ok()) pids.insert(pids.end(), descendants->begin(), descendants->end());
  // Each line stands below its parent's. `pid` itself is filed under 0, which is no process.
  std::multimap<pid_t, posix::ProcessFacts> by_parent;
  std::string text;
  std::size_t lines = 0;
  for (const pid_t each : pids) {
    // A process that has ended since it was listed has no facts.
    if (const auto facts = posix::process_facts(each)) by_parent.emplace(each == pid ? 0 : facts->parent, *facts);
  }
  const auto add = [&](const auto& self, pid_t parent, std::size_t depth) -> void {
    const auto [begin, end] = by_parent.equal_range(parent);
    for (auto at = begin; at != end; ++at) {
      // Also lines that are left out are counted: the last line says how many there are.
      if (++lines <= kMostLines) text += line_of(at->second, depth);
      self(self, at->second.pid, depth + 1);
    }
  };
  add(add, 0, 0);
  if (lines > kMostLines) text += cut_off(lines - kMostLines);
  return text;
}

std::uint64_t memory_of_tree(pid_t pid) {
  std::vector<pid_t> pids = {pid};
  if (const auto below = posix::descendants(pid); below.ok()) pids.insert(pids.end(), below->begin(), below->end());
  std::uint64_t sum = 0;
  for (const pid_t each : pids) sum += posix::resident_memory(each);
  return sum;
}

std::string open_files_text(pid_t pid) {
  std::string text;
  std::size_t lines = 0;
  for (const auto& [fd, name] : posix::open_files(pid)) {
    if (name.starts_with("/memfd:trun-") || name == "/dev/null") continue;
    if (++lines <= kMostLines) text += std::to_string(fd) + " -> " + name + "\n";
  }
  if (lines > kMostLines) text += cut_off(lines - kMostLines);
  return text;
}

}  // namespace trun
