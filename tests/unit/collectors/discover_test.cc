#include "collectors/discover.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

using Names = std::vector<std::string>;

class DiscoverTest : public testing::Test {
 protected:
  Discovery run(const Names& args = {}) const { return discover(args, tree.root(), tree.root(), options); }

  Names files(const Names& args = {}) const {
    Names names;
    for (const FoundFile& file : run(args).files) names.push_back(tree.relative(file.path));
    return names;
  }

  Names conftests(const Names& args, const std::string& cwd, const std::string& rootdir) const {
    Names names;
    for (const FoundConftest& conftest : discover(args, cwd, rootdir, options).conftests)
      names.push_back(tree.relative(conftest.path));
    return names;
  }

  void write_all(const Names& names) const {
    for (const std::string& name : names) tree.write(name);
  }

  TemporaryTree tree;
  DiscoverOptions options;
};

TEST_F(DiscoverTest, FilesAndDirectoriesAreSortedTogether) {
  write_all({"test_b.py", "a/test_1.py", "test_a.py", "Test_z.py", "z_test.py", "test_aa/test_2.py", "b/c/test_3.py",
             "b.d/test_4.py", "other.py"});
  EXPECT_EQ(files(), (Names{"a/test_1.py", "b/c/test_3.py", "b.d/test_4.py", "test_a.py", "test_aa/test_2.py",
                            "test_b.py", "z_test.py"}));
}

TEST_F(DiscoverTest, FilesComeFirstUnderPytest7) {
  options.files_first = true;
  write_all(
      {"test_b.py", "a/test_1.py", "b/c/test_3.py", "b/test_4.py", "p/__init__.py", "p/Z/test_5.py", "p/test_6.py"});
  EXPECT_EQ(files(),
            (Names{"test_b.py", "a/test_1.py", "b/test_4.py", "b/c/test_3.py", "p/test_6.py", "p/Z/test_5.py"}));
}

TEST_F(DiscoverTest, InitComesFirstInAPackage) {
  options.python_files = {"*.py"};
  write_all({"p/__init__.py", "p/A.py", "p/_a.py", "p/Z/x.py"});
  EXPECT_EQ(files(), (Names{"p/__init__.py", "p/A.py", "p/Z/x.py", "p/_a.py"}));
}

TEST_F(DiscoverTest, WhatPytestDoesNotRecurseInto) {
  write_all({".git/test_1.py", "x.egg/test_2.py", "build/test_3.py", "venv/test_4.py", "{arch}/test_5.py",
             "node_modules/test_6.py", "__pycache__/test_7.py", "builds/test_8.py", "test_build.py", ".test_9.py",
             "test_.py"});
  EXPECT_EQ(files(), (Names{"builds/test_8.py", "test_.py", "test_build.py"}));
  options.norecursedirs = {"builds", "*/x.egg"};
  EXPECT_EQ(files(), (Names{".git/test_1.py", "build/test_3.py", "node_modules/test_6.py", "test_.py", "test_build.py",
                            "venv/test_4.py", "{arch}/test_5.py"}));
}

TEST_F(DiscoverTest, VirtualenvsAreLeftOutUnlessAskedFor) {
  write_all({"e1/pyvenv.cfg", "e1/test_1.py", "e2/conda-meta/history", "e2/test_2.py", "e3/conda-meta/x",
             "e3/test_3.py", "e4/pyvenv.cfg/x", "e4/test_4.py"});
  EXPECT_EQ(files(), (Names{"e3/test_3.py", "e4/test_4.py"}));
  EXPECT_EQ(files({"e1"}), (Names{"e1/test_1.py"}));
  options.collect_in_virtualenv = true;
  EXPECT_EQ(files(), (Names{"e1/test_1.py", "e2/test_2.py", "e3/test_3.py", "e4/test_4.py"}));
}

TEST_F(DiscoverTest, IgnoredPathsAndGlobs) {
  write_all({"a/test_1.py", "b/test_2.py", "b/test_3.py", "c/test_4.py"});
  options.ignore = {tree.path("a"), tree.path("b/test_2.py")};
  EXPECT_EQ(files(), (Names{"b/test_3.py", "c/test_4.py"}));
  options.ignore = {};
  options.ignore_glob = {tree.path("*_3.py"), tree.path("c")};
  EXPECT_EQ(files(), (Names{"a/test_1.py", "b/test_2.py"}));
}

TEST_F(DiscoverTest, NamedPathsBypassTheRules) {
  write_all({"build/test_1.py", "build/build/test_2.py", "helper.py", "env/pyvenv.cfg", "env/test_3.py", "notes.txt"});
  options.ignore = {tree.path("helper.py")};
  EXPECT_EQ(files({"build"}), (Names{"build/test_1.py"}));
  EXPECT_EQ(files({"build/build/test_2.py", "helper.py::test_a[x]", "env", "notes.txt", "missing.py"}),
            (Names{"build/build/test_2.py", "helper.py", "env/test_3.py"}));
}

TEST_F(DiscoverTest, OverlappingArgumentsGiveEachFileOnce) {
  write_all({"a/test_1.py", "a/test_2.py", "b/test_3.py"});
  EXPECT_EQ(files({"b", "a/test_2.py::test_a", "a/test_1.py", "a/test_2.py::test_b", "a/test_2.py::test_a"}),
            (Names{"b/test_3.py", "a/test_2.py", "a/test_1.py"}));
  EXPECT_EQ(files({"a/test_2.py", "./a/../a", "b/"}), (Names{"a/test_1.py", "a/test_2.py", "b/test_3.py"}));
}

TEST_F(DiscoverTest, ArgumentsThatPytestRefusesGiveNothing) {
  write_all({"a/test_1.py"});
  EXPECT_EQ(files({"a::test_a", "a/test_1.py[x]"}), Names{});
}

TEST_F(DiscoverTest, SymlinksAreFollowedButNotInCircles) {
  write_all({"a/test_1.py", "b/test_2.py"});
  tree.link("../b", "a/to_b");
  tree.link("..", "b/up");
  tree.link(".", "b/here");
  tree.link("b/test_2.py", "test_link.py");
  tree.link("nowhere", "test_broken.py");
  tree.link("test_self.py", "test_self.py");
  EXPECT_EQ(files(), (Names{"a/test_1.py", "a/to_b/test_2.py", "b/test_2.py", "test_link.py"}));
}

TEST_F(DiscoverTest, PipesAndDirectoriesWithATestsNameDoNotBlock) {
  ASSERT_EQ(::mkfifo(tree.path("test_fifo.py").c_str(), 0600), 0);
  write_all({"test_dir.py/test_1.py"});
  EXPECT_EQ(files(), (Names{"test_dir.py/test_1.py"}));
  EXPECT_EQ(files({"test_fifo.py"}), Names{});
}

TEST_F(DiscoverTest, MaxEntriesEndsTheWalkAndSaysSo) {
  for (char c = 'a'; c <= 'j'; ++c) tree.write(std::string("d/") + c + "/test_1.py");
  options.max_entries = 1000;
  EXPECT_TRUE(run().complete);
  EXPECT_EQ(run().files.size(), 10u);
  options.max_entries = 15;  // d, a to j, and four files
  EXPECT_FALSE(run().complete);
  EXPECT_EQ(run().files.size(), 4u);
}

TEST_F(DiscoverTest, FilesAreScanned) {
  tree.write("test_1.py",
             "@pytest.fixture(scope='session', params=[1])\ndef x(): pass\ndef test_a(): pass\ndef test_b(): pass\n");
  const Discovery found = run();
  ASSERT_EQ(found.files.size(), 1u);
  EXPECT_EQ(found.files[0].scan.tests, 2u);
  EXPECT_TRUE(found.files[0].scan.wide_params);
  EXPECT_FALSE(found.files[0].scan.rootless_duplicate);
}

TEST_F(DiscoverTest, DuplicateModuleNames) {
  write_all({"a/test_1.py", "b/test_1.py", "c/__init__.py", "c/test_1.py", "c/d/__init__.py", "c/d/test_1.py"});
  const Discovery found = run();
  EXPECT_EQ(found.duplicate_modules,
            (std::vector<std::pair<std::string, std::string>>{{tree.path("a/test_1.py"), tree.path("b/test_1.py")}}));
  Names marked;
  for (const FoundFile& file : found.files)
    if (file.scan.rootless_duplicate) marked.push_back(tree.relative(file.path));
  EXPECT_EQ(marked, (Names{"a/test_1.py", "b/test_1.py"}));
}

TEST_F(DiscoverTest, PackagesOfOneNameAreDuplicates) {
  write_all({"a/tests/__init__.py", "a/tests/test_1.py", "b/tests/__init__.py", "b/tests/conftest.py",
             "c-d/__init__.py", "c-d/tests/__init__.py", "c-d/tests/x/test_2.py"});
  EXPECT_EQ(run().duplicate_modules, (std::vector<std::pair<std::string, std::string>>{
                                         {tree.path("a/tests/__init__.py"), tree.path("b/tests/__init__.py")}}));
}

TEST_F(DiscoverTest, PackageRootMayLieAboveTheArgument) {
  write_all({"p/__init__.py", "p/q/__init__.py", "p/q/test_1.py", "r/test_1.py", "r/q/__init__.py", "r/q/test_2.py"});
  EXPECT_EQ(run({"p/q", "r/test_1.py", "r/q"}).duplicate_modules.size(), 0u);
}

TEST_F(DiscoverTest, ConftestsOfTreesAndOfTheirParents) {
  write_all(
      {"conftest.py", "a/conftest.py", "a/b/conftest.py", "a/b/c/conftest.py", "a/x/conftest.py", "build/conftest.py"});
  EXPECT_EQ(conftests({"a/b"}, tree.root(), tree.root()),
            (Names{"conftest.py", "a/conftest.py", "a/b/conftest.py", "a/b/c/conftest.py"}));
  EXPECT_EQ(conftests({"a/b/c"}, tree.root(), tree.path("a")),
            (Names{"a/conftest.py", "a/b/conftest.py", "a/b/c/conftest.py"}));
  EXPECT_EQ(conftests({"b/c", "x"}, tree.path("a"), ""),
            (Names{"a/conftest.py", "a/b/conftest.py", "a/b/c/conftest.py", "a/x/conftest.py"}));
}

TEST_F(DiscoverTest, ConftestsOutsideRootdirCountToo) {
  write_all({"r/conftest.py", "other/conftest.py", "other/t/test_1.py", "conftest.py"});
  EXPECT_EQ(conftests({tree.path("other/t")}, tree.path("r"), tree.path("r")), (Names{"other/conftest.py"}));
}

TEST_F(DiscoverTest, ConftestsOfIgnoredTestDirectoriesAreLoadedAllTheSame) {
  write_all({"tests/conftest.py", "tests/test_1.py", "other/conftest.py", "a/conftest.py"});
  options.ignore = {tree.path("tests"), tree.path("other"), tree.path("a/conftest.py")};
  EXPECT_EQ(files(), Names{});
  EXPECT_EQ(conftests({}, tree.root(), tree.root()), (Names{"a/conftest.py", "tests/conftest.py"}));
}

TEST_F(DiscoverTest, ConftestMayBeATestFileToo) {
  write_all({"a/conftest.py", "a/b.py"});
  options.python_files = {"*.py"};
  EXPECT_EQ(files(), (Names{"a/b.py", "a/conftest.py"}));
  EXPECT_EQ(files({"a/conftest.py"}), (Names{"a/conftest.py"}));
  EXPECT_EQ(conftests({"a/conftest.py"}, tree.root(), tree.root()), (Names{"a/conftest.py"}));
}

TEST_F(DiscoverTest, ConftestsAreScanned) {
  tree.write("conftest.py", "def pytest_configure(): pass\n");
  const Discovery found = run();
  ASSERT_EQ(found.conftests.size(), 1u);
  EXPECT_EQ(found.conftests[0].mentions, Names{"pytest_configure"});
}

TEST_F(DiscoverTest, NamesNeedNotBeUtf8) {
  write_all({"test_\xff.py", "\xe4/test_1.py"});
  EXPECT_EQ(files(), (Names{"test_\xff.py", "\xe4/test_1.py"}));
}

TEST_F(DiscoverTest, DeepTreesEnd) {
  std::string name;
  for (int i = 0; i < 500; ++i) name += "d/";
  write_all({name + "test_1.py"});
  EXPECT_EQ(files(), (Names{name + "test_1.py"}));
}

}  // namespace
}  // namespace trun
