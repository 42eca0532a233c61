#include "runner/config/leak_policy.h"

#include <algorithm>

namespace trun {
namespace {

// In the order of LeakAction.
constexpr std::array<std::string_view, 3> kActions = {"ignore", "warn", "fail"};

std::optional<LeakAction> parse_action(std::string_view text) {
  const auto found = std::find(kActions.begin(), kActions.end(), text);
  if (found == kActions.end()) return std::nullopt;
  return static_cast<LeakAction>(found - kActions.begin());
}

std::string_view name(LeakAction action) { return kActions[static_cast<std::size_t>(action)]; }

bool apply(std::string_view word, LeakPolicy& policy) {
  const std::size_t equals = word.find('=');
  const auto action = parse_action(equals == std::string_view::npos ? word : word.substr(equals + 1));
  if (!action) return false;
  if (equals == std::string_view::npos) {
    // A word without a kind replaces what words before it have said: the last word on a kind counts.
    policy.actions.fill(*action);
    return true;
  }
  const auto kind = std::find(kLeakKinds.begin(), kLeakKinds.end(), word.substr(0, equals));
  if (kind == kLeakKinds.end()) return false;
  policy.actions[static_cast<std::size_t>(kind - kLeakKinds.begin())] = *action;
  return true;
}

}  // namespace

std::optional<LeakPolicy> parse_leak_policy(std::string_view text) {
  LeakPolicy policy;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (!apply(text.substr(0, comma), policy)) return std::nullopt;
    if (comma == text.size()) return policy;
    text.remove_prefix(comma + 1);
  }
}

std::string leak_policy_text(const LeakPolicy& policy) {
  // One word for all kinds, and a word for each that differs. The kind that is first in kLeakKinds gives the common
  // one.
  const LeakAction first = policy.actions[0];
  std::string text(name(first));
  for (std::size_t kind = 1; kind < kLeakKinds.size(); ++kind) {
    if (policy.actions[kind] == first) continue;
    text.append(",").append(kLeakKinds[kind]).append("=").append(name(policy.actions[kind]));
  }
  return text;
}

std::vector<std::string> watched_kinds(const LeakPolicy& policy) {
  std::vector<std::string> kinds;
  for (std::size_t kind = 0; kind < kLeakKinds.size(); ++kind) {
    if (policy.actions[kind] != LeakAction::ignore) kinds.emplace_back(kLeakKinds[kind]);
  }
  return kinds;
}

std::vector<std::string> failing_kinds(const LeakPolicy& policy) {
  std::vector<std::string> kinds = watched_kinds(policy);
  std::erase_if(kinds, [&](const std::string& kind) { return action_for(policy, kind) != LeakAction::fail; });
  return kinds;
}

LeakAction action_for(const LeakPolicy& policy, std::string_view kind) {
  const auto found = std::find(kLeakKinds.begin(), kLeakKinds.end(), kind);
  return found == kLeakKinds.end() ? LeakAction::warn
                                   : policy.actions[static_cast<std::size_t>(found - kLeakKinds.begin())];
}

void judge_leaks(const LeakPolicy& policy, TestResult& result) {
  // A failure says more of the test than that it left something behind, and stays its verdict.
  if (is_bad(result.outcome)) return;
  std::string detail;
  for (const auto& [kind, what] : result.remarks->leaks) {
    if (action_for(policy, kind) == LeakAction::fail) detail += (detail.empty() ? "" : "; ") + kind + ": " + what;
  }
  if (!detail.empty()) result.outcome = outcome::Leaked{detail};
}

}  // namespace trun
