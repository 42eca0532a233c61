#include "runner/config/leak_policy.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

TEST(LeakPolicyTest, ByDefaultEverythingIsWarnedOf) {
  EXPECT_EQ(leak_policy_text(LeakPolicy{}), "warn");
  EXPECT_EQ(watched_kinds(LeakPolicy{}).size(), kLeakKinds.size());
}

TEST(LeakPolicyTest, TextsReadBackAsTheSamePolicy) {
  for (const char* text : {"warn", "fail", "ignore", "fail,threads=ignore", "warn,descriptors=fail,ports=ignore"}) {
    const auto policy = parse_leak_policy(text);
    ASSERT_TRUE(policy) << text;
    EXPECT_EQ(leak_policy_text(*policy), text);
  }
}

TEST(LeakPolicyTest, TheLastWordOnAKindCounts) {
  EXPECT_EQ(parse_leak_policy("threads=ignore,fail"), parse_leak_policy("fail"));
  EXPECT_EQ(action_for(*parse_leak_policy("ignore,ports=fail"), "ports"), LeakAction::fail);
  EXPECT_EQ(watched_kinds(*parse_leak_policy("ignore,ports=fail")), std::vector<std::string>{"ports"});
}

TEST(LeakPolicyTest, OnlyKindsThatFailATestWearItsWorkerOut) {
  EXPECT_TRUE(failing_kinds(LeakPolicy{}).empty());
  EXPECT_EQ(failing_kinds(*parse_leak_policy("fail,ports=warn,descriptors=ignore")),
            (std::vector<std::string>{"processes", "threads", "files"}));
}

TEST(LeakPolicyTest, AnythingElseIsRefused) {
  for (const char* text : {"", "no", "warn,", ",warn", "threads", "threads=", "handles=fail", "threads=fail=warn"}) {
    EXPECT_FALSE(parse_leak_policy(text)) << text;
  }
}

TEST(LeakPolicyTest, ALeakFailsATestThatHadNotFailed) {
  TestResult result;
  result.outcome = outcome::Passed{};
  result.remarks.make().leaks = {{"threads", "sleeper"}, {"processes", "7 sleep"}};
  judge_leaks(LeakPolicy{}, result);
  EXPECT_EQ(outcome_name(result.outcome), "passed") << "warned of only";
  judge_leaks(*parse_leak_policy("warn,processes=fail"), result);
  EXPECT_EQ(outcome_reason(result.outcome), "leaked: processes: 7 sleep");
  result.outcome = outcome::Failed{};
  judge_leaks(*parse_leak_policy("fail"), result);
  EXPECT_EQ(outcome_name(result.outcome), "failed") << "its own failure says more";
}

}  // namespace
}  // namespace trun
