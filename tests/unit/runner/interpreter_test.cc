#include "runner/workers/interpreter.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

namespace fs = std::filesystem;

class InterpreterTest : public testing::Test {
 protected:
  InterpreterTest() {
    query_.cwd = (root_ / "project").string();
    query_.path = (root_ / "empty").string() + ":" + (root_ / "bin").string();
  }

  void make(const std::string& path, fs::perms perms = fs::perms::owner_all) {
    tree_.write(path, "#!/bin/sh\n");
    fs::permissions(root_ / path, perms);
  }

  /// The interpreter that is found, below the root, or "error: ..." (the root written as "ROOT").
  std::string find() {
    const auto found = find_interpreter(query_);
    std::string text = found.ok() ? *found : "error: " + found.error().message;
    for (std::size_t at; (at = text.find(root_.string())) != std::string::npos;)
      text.replace(at, root_.string().size(), "ROOT");
    return text;
  }

  const TemporaryTree tree_;
  const fs::path root_ = tree_.root();
  InterpreterQuery query_;
};

TEST_F(InterpreterTest, LooksInTheOrderOfTheDocumentation) {
  query_.virtual_env = (root_ / "env").string();
  EXPECT_EQ(find(),
            "error: no Python interpreter found; tried ROOT/env/bin/python, ROOT/project/.venv/bin/python, python3 and "
            "python on PATH; name one with --python PATH or activate a virtual environment");
  make("bin/python");
  EXPECT_EQ(find(), "ROOT/bin/python");
  make("bin/python3");
  EXPECT_EQ(find(), "ROOT/bin/python3");
  make("project/.venv/bin/python");
  EXPECT_EQ(find(), "ROOT/project/.venv/bin/python");
  make("env/bin/python");
  EXPECT_EQ(find(), "ROOT/env/bin/python");
  make("mine/python3.11");
  query_.python = "../mine/python3.11";
  EXPECT_EQ(find(), "ROOT/mine/python3.11");
}

TEST_F(InterpreterTest, GivenInterpreterMustBeThere) {
  make("bin/python3");
  query_.python = "./python9";
  EXPECT_EQ(find(), "error: --python ROOT/project/python9: there is no such file");
  query_.python = "python9";
  EXPECT_EQ(find(), "error: --python python9: there is no such command on PATH");
  query_.python = "python3";
  EXPECT_EQ(find(), "ROOT/bin/python3");
  EXPECT_EQ(find_interpreter({"nowhere/python", "", "", "/", ""}).error().kind, Error::Kind::usage);
}

TEST_F(InterpreterTest, DirectoriesAndDataAreNoInterpreters) {
  fs::create_directories(root_ / "bin/python3");
  make("bin/python");
  EXPECT_EQ(find(), "ROOT/bin/python");
  query_.python = (root_ / "bin/python3").string();
  EXPECT_EQ(find(), "error: --python ROOT/bin/python3: not an executable file");
  make("notes.txt", fs::perms::owner_read);
  query_.python = (root_ / "notes.txt").string();
  EXPECT_EQ(find(), "error: --python ROOT/notes.txt: not an executable file");
}

TEST_F(InterpreterTest, AnEnvironmentsOwnTrunUsesItsPython) {
  make("env/bin/python");
  make("own/bin/python");
  tree_.write("own/pyvenv.cfg", "include-system-site-packages = false\n");
  query_.prefix = (root_ / "own").string();
  query_.virtual_env = (root_ / "env").string();
  // As of pipx.
  tree_.write("own/lib/python3.13/site-packages/pytest_trun/__init__.py", "");
  EXPECT_EQ(find(), "ROOT/env/bin/python");
  tree_.write("own/lib/python3.13/site-packages/pytest/__init__.py", "");
  EXPECT_EQ(find(), "ROOT/own/bin/python");
}

TEST_F(InterpreterTest, AnEnvironmentMayHaveItsPytestElsewhere) {
  make("bin/python3");
  for (const std::string own : {"editable", "system"}) {
    make(own + "/bin/python");
    tree_.write(own + "/pyvenv.cfg",
                "include-system-site-packages = " + std::string(own == "system" ? "true" : "false"));
  }
  tree_.write("editable/lib/python3.13/site-packages/pytest-9.0.1.dist-info/METADATA", "");
  for (const std::string own : {"editable", "system"}) {
    query_.prefix = (root_ / own).string();
    EXPECT_EQ(find(), "ROOT/" + own + "/bin/python");
  }
}

TEST_F(InterpreterTest, AFolderThatIsNoEnvironmentSaysNothing) {
  make("bin/python3");
  make("usr/bin/python");
  tree_.write("usr/lib/python3.13/site-packages/pytest/__init__.py", "");
  query_.prefix = (root_ / "usr").string();
  EXPECT_EQ(find(), "ROOT/bin/python3");
}

TEST_F(InterpreterTest, SymlinkOfAVirtualEnvironmentIsKept) {
  make("bin/python3.11");
  fs::create_directories(root_ / "project/.venv/bin");
  fs::create_symlink(root_ / "bin/python3.11", root_ / "project/.venv/bin/python");
  EXPECT_EQ(find(), "ROOT/project/.venv/bin/python");
}

}  // namespace
}  // namespace trun
