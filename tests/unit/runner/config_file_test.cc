#include "runner/config/config_file.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

TEST(ParseTomlTest, NestedTablesKeepOrderAndPlaces) {
  const ConfigTable table = *parse_toml("[services.z]\nport = 1\n[services.a]\nready = [true, 1.5]\n", "x");
  ASSERT_EQ(table.size(), 1u);
  const auto& services = std::get<ConfigTable>(table[0].value.data);
  ASSERT_EQ(services.size(), 2u);
  EXPECT_EQ(services[0].key, "z");
  EXPECT_EQ(services[1].key, "a");
  const ConfigEntry& ready = std::get<ConfigTable>(services[1].value.data)[0];
  EXPECT_EQ(ready.line, 4u);
  const auto& items = std::get<ConfigArray>(ready.value.data);
  EXPECT_EQ(std::get<bool>(items[0].data), true);
  EXPECT_EQ(std::get<double>(items[1].data), 1.5);
}

}  // namespace
}  // namespace trun
