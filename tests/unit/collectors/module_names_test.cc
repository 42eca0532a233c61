#include "collectors/module_names.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(ModuleNamesTest, FilesOutsidePackagesShareTheirBasename) {
  ModuleNames names;
  names.add("/r/a/test_x.py", "");
  names.add("/r/b/test_y.py", "");
  names.add("/r/b/test_x.py", "");
  names.add("/r/c/test_x.py", "");
  EXPECT_EQ(names.duplicates(), (Pairs{{"/r/a/test_x.py", "/r/b/test_x.py"}, {"/r/a/test_x.py", "/r/c/test_x.py"}}));
}

TEST(ModuleNamesTest, FilesOfOnePackageDoNotCollide) {
  ModuleNames names;
  names.add("/r/p/test_x.py", "/r/p");
  names.add("/r/p/q/test_x.py", "/r/p");
  names.add("/r/test_x.py", "");
  EXPECT_EQ(names.duplicates(), Pairs{});
}

TEST(ModuleNamesTest, PackagesOfOneNameCollideOnce) {
  ModuleNames names;
  names.add("/r/a/tests/test_x.py", "/r/a/tests");
  names.add("/r/b/tests/test_y.py", "/r/b/tests");
  names.add("/r/b/tests/test_z.py", "/r/b/tests");
  EXPECT_EQ(names.duplicates(), (Pairs{{"/r/a/tests/__init__.py", "/r/b/tests/__init__.py"}}));
}

TEST(ModuleNamesTest, FileAndPackageCollide) {
  ModuleNames names;
  names.add("/r/tests/test_x.py", "/r/tests");
  names.add("/r/a/tests.py", "");
  EXPECT_EQ(names.duplicates(), (Pairs{{"/r/tests/__init__.py", "/r/a/tests.py"}}));
}

}  // namespace
}  // namespace trun
