// What is to become of what tests leave behind: processes, threads, descriptors, listening ports.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/test_result.h"

namespace trun {

enum class LeakAction { ignore, warn, fail };

/// The names of kinds in options and on the wire.
inline constexpr std::array<std::string_view, 5> kLeakKinds = {"processes", "threads", "descriptors", "ports", "files"};

struct LeakPolicy {
  /// By kind, in the order of kLeakKinds.
  std::array<LeakAction, kLeakKinds.size()> actions = {LeakAction::warn, LeakAction::warn, LeakAction::warn,
                                                       LeakAction::warn, LeakAction::warn};
  bool operator==(const LeakPolicy&) const = default;
};

/// "warn", "fail", "ignore", and "KIND=ACTION" for one kind, with commas between; the last word on a kind counts.
/// nullopt: anything else.
std::optional<LeakPolicy> parse_leak_policy(std::string_view text);
/// The shortest text that parses to it.
std::string leak_policy_text(const LeakPolicy& policy);

/// Those that are not ignored.
std::vector<std::string> watched_kinds(const LeakPolicy& policy);
/// Those that fail a test. Such a leak also costs the worker: no other test is to meet what cannot be undone.
std::vector<std::string> failing_kinds(const LeakPolicy& policy);
/// A leak of that kind; an unknown kind is warned of.
LeakAction action_for(const LeakPolicy& policy, std::string_view kind);

/// Makes a test that passed, was skipped or xfailed one that has leaked, if the policy says so.
void judge_leaks(const LeakPolicy& policy, TestResult& result);

}  // namespace trun
