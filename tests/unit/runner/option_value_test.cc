#include "runner/config/option_value.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

template <typename T>
std::string round_trip(const ConfigValue& value) {
  std::optional<T> out;
  const Complaint complaint = parse(value, out);
  return complaint ? complaint->text : show(out);
}

ConfigValue text(const std::string& word) { return {word, 1, 1}; }

TEST(OptionValueTest, DurationsHaveUnits) {
  EXPECT_EQ(round_trip<Duration>(text("60s")), "\"60s\"");
  EXPECT_EQ(round_trip<Duration>(text("1.5 min")), "\"90s\"");
  EXPECT_EQ(round_trip<Duration>(text("250ms")), "\"250ms\"");
  EXPECT_EQ(round_trip<Duration>({ArgumentText{"2h"}}), "\"7200s\"");
  EXPECT_EQ(round_trip<Duration>({std::int64_t{5}}), "\"5s\"");
  EXPECT_EQ(round_trip<Duration>({0.25}), "\"250ms\"");
}

// Zero may mean "no limit".
TEST(OptionValueTest, DurationsAreWholeMillisecondsAndNoneBecomesNothing) {
  EXPECT_EQ(round_trip<Duration>(text("1.6ms")), "\"2ms\"");
  EXPECT_EQ(round_trip<Duration>(text("0.1ms")), "\"1ms\"");
  EXPECT_EQ(round_trip<Duration>({1e-300}), "\"1ms\"");
  EXPECT_EQ(round_trip<Duration>(text("0s")), "\"0s\"");
}

TEST(OptionValueTest, WrongDurationsSayWhatIsAllowed) {
  const std::string allowed = "a duration such as 500ms, 60s, 10min or 1h, or a number of seconds";
  for (const char* word : {"", "s", "1d", "-1s", "1.2.3s", "1s1", "1e30"})
    EXPECT_EQ(round_trip<Duration>(text(word)), "invalid value '" + std::string(word) + "' (allowed: " + allowed + ")");
  EXPECT_EQ(round_trip<Duration>({std::int64_t{-1}}), "invalid value -1 (allowed: " + allowed + ")");
  EXPECT_EQ(round_trip<Duration>({true}), "must be " + allowed + ", not a boolean");
}

TEST(OptionValueTest, SizesCountIn1024) {
  EXPECT_EQ(round_trip<ByteSize>(text("2GB")), "\"2GB\"");
  EXPECT_EQ(round_trip<ByteSize>(text("1.5GiB")), "\"1536MB\"");
  EXPECT_EQ(round_trip<ByteSize>({std::int64_t{1000}}), "1000");
  EXPECT_EQ(round_trip<ByteSize>(text("2 gb")),
            "invalid value '2 gb' (allowed: a size such as 512MB or 2GB, or a number of bytes)");
}

TEST(OptionValueTest, BooleansAreNotText) {
  bool out = false;
  EXPECT_FALSE(parse({true}, out));
  EXPECT_EQ(show(out), "true");
  EXPECT_EQ(parse(text("true"), out)->text, "must be a boolean, not a string");
}

}  // namespace
}  // namespace trun
