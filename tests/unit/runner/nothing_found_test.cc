#include "runner/engine/nothing_found.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

struct Looked {
  Configured pytest;
  Discovery found;
  Gathered gathered;

  Looked() {
    pytest.args = {"tests", "more"};
    pytest.ini.python_files = {"test_*.py", "*_test.py"};
    pytest.ini.python_functions = {"test"};
    pytest.ini.python_classes = {"Test"};
  }

  std::string words() const { return nothing_found(pytest, found, gathered).value_or("none"); }
};

TEST(NothingFoundTest, WithATestOrAnErrorThereIsNothingToSay) {
  Looked looked;
  looked.gathered.collection.items.push_back({});
  EXPECT_EQ(looked.words(), "none");
  looked = {};
  looked.gathered.errors = 1;
  EXPECT_EQ(looked.words(), "none");
}

TEST(NothingFoundTest, NoFileNamesPlacesAndPatterns) {
  Looked looked;
  EXPECT_EQ(looked.words(),
            "nothing to run: no test file under tests, more; looked for test_*.py, *_test.py (python_files)");
  looked.pytest.args_source = "TESTPATHS";
  looked.pytest.args = {"a", "b", "c", "d", "e"};
  EXPECT_EQ(looked.words(),
            "nothing to run: no test file under a, b, c and 2 more (testpaths); looked for test_*.py, *_test.py "
            "(python_files)");
}

TEST(NothingFoundTest, FilesWithoutTestsNameWhatATestIs) {
  Looked looked;
  looked.found.files.resize(1);
  EXPECT_EQ(looked.words(),
            "nothing to run: 1 test file under tests, more, and no test in them; looked for functions test "
            "(python_functions) and classes Test (python_classes, without __init__), and for unittest.TestCase");
}

TEST(NothingFoundTest, SkippedFilesAreCounted) {
  Looked looked;
  looked.found.files.resize(2);
  looked.gathered.reports.resize(2);
  EXPECT_EQ(looked.words(), "nothing to run: 2 files under tests, more were skipped as a whole; -rs shows why");
}

TEST(NothingFoundTest, DeselectedTestsNameTheExpressions) {
  Looked looked;
  looked.gathered.collection.deselected = 3;
  looked.pytest.options.keyword = "a and b";
  looked.pytest.options.markexpr = "smoke";
  EXPECT_EQ(looked.words(),
            "nothing to run: of 3 tests found under tests, more all are deselected, by -k 'a and b', -m 'smoke'");
  looked.pytest.options = {};
  EXPECT_EQ(looked.words(),
            "nothing to run: of 3 tests found under tests, more all are deselected, by --deselect, another option or "
            "a hook");
}

}  // namespace
}  // namespace trun
