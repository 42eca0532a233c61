#include "runner/config/did_you_mean.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

TEST(NearestTest, NamesOnlyWhatIsNear) {
  EXPECT_EQ(nearest("lod", {"load", "no"}), "load");
  EXPECT_EQ(nearest("loadfil", {"load", "loadfile", "loadscope"}), "loadfile");
  EXPECT_EQ(nearest("junit_xml", {"junitxml", "metrics"}), "junitxml");
  EXPECT_EQ(nearest("xyz", {"load", "no"}), std::nullopt);
}

}  // namespace
}  // namespace trun
