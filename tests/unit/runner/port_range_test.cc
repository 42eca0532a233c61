#include "runner/ports/port_range.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace trun {
namespace {

bool has(const std::vector<std::uint16_t>& ports, std::uint16_t port) {
  return std::binary_search(ports.begin(), ports.end(), port);
}

TEST(PortRangeTest, ReadsTheKernelsRange) {
  EXPECT_EQ(parse_port_interval("32768\t60999\n"), (PortInterval{32768, 60999}));
  EXPECT_EQ(parse_port_interval("1024 65535"), (PortInterval{1024, 65535}));
  for (const char* text : {"", "\n", "60999 32768", "1 70000", "a b", "32768 "}) {
    EXPECT_FALSE(parse_port_interval(text)) << text;
  }
}

TEST(PortRangeTest, ReadsTheKernelsList) {
  EXPECT_EQ(parse_port_list("8080,9148-9200\n"), (std::vector<PortInterval>{{8080, 8080}, {9148, 9200}}));
  EXPECT_TRUE(parse_port_list("\n").empty());
  EXPECT_EQ(parse_port_list("x,5-,7-6,9"), (std::vector<PortInterval>{{9, 9}}));
}

TEST(PortRangeTest, LeavesOutWhatTheKernelGivesAway) {
  const auto ports = leasable_ports({32768, 60999}, {{20000, 20010}});
  EXPECT_TRUE(std::is_sorted(ports.begin(), ports.end()));
  EXPECT_TRUE(has(ports, 32767));
  EXPECT_TRUE(has(ports, 61000));
  EXPECT_TRUE(has(ports, 65535));
  EXPECT_FALSE(has(ports, 32768));
  EXPECT_FALSE(has(ports, 60999));
  EXPECT_FALSE(has(ports, 20005)) << "an administrator keeps it for somebody";
  EXPECT_FALSE(has(ports, 27017)) << "a test may start a MongoDB";
  EXPECT_FALSE(has(ports, 9999)) << "below lie the ports that people write into their tests";
}

TEST(PortRangeTest, TakesLowerPortsWhereTheRangeLeavesTooFew) {
  const auto ports = leasable_ports({9000, 65400}, {});
  EXPECT_TRUE(has(ports, 1024));
  EXPECT_TRUE(has(ports, 65401));
  EXPECT_FALSE(has(ports, 9000));
}

TEST(PortRangeTest, TakesWhatTheKernelGivesAwayWhereNothingElseIsLeft) {
  const auto ports = leasable_ports({1024, 65535}, {});
  EXPECT_TRUE(has(ports, 40000));
  EXPECT_FALSE(has(ports, 9999));
}

}  // namespace
}  // namespace trun
