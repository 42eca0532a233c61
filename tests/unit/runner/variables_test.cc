#include "runner/model/variables.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

TEST(VariablesTest, NamesOfTheUsersBecomeWordsOfAShell) {
  EXPECT_EQ(port_variable("api"), "TRUN_PORT_API");
  EXPECT_EQ(port_variable("my-db"), "TRUN_PORT_MY_DB");
  EXPECT_EQ(service_variable("my-db"), "TRUN_SERVICE_MY_DB");
  EXPECT_EQ(variable_word("v1_x.y"), "V1_X_Y");
}

}  // namespace
}  // namespace trun
