#include "runner/containment/evidence.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "runner/kernel/posix.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

TEST(EvidenceTest, FramesOfPytestAndTrunAreFolded) {
  const std::string stacks =
      "Thread 0x1 (most recent call first):\n"
      "  File \"/app/test_a.py\", line 5 in test_hang\n"
      "  File \"/x/_pytest/python.py\", line 187 in pytest_pyfunc_call\n"
      "  File \"/x/pluggy/_caller.py\", line 197 in __call__\n"
      "\n"
      "Thread 0x2 (most recent call first):\n"
      "  File \"/x/trun_worker/wire/channel.py\", line 9 in _read\n"
      "  File \"/x/_pytest/main.py\", line 1 in main\n"
      "  File \"/app/run.py\", line 2 in <module>\n";
  EXPECT_EQ(fold_machinery(stacks),
            "Thread 0x1 (most recent call first):\n"
            "  File \"/app/test_a.py\", line 5 in test_hang\n"
            "  ...\n"
            "\n"
            "Thread 0x2 (most recent call first):\n"
            "  File \"/x/trun_worker/wire/channel.py\", line 9 in _read\n"
            "  ...\n"
            "  File \"/app/run.py\", line 2 in <module>\n");
}

TEST(EvidenceTest, TextThatIsNoStackStaysAsItIs) {
  for (const std::string text : {"", "no newline", "a\n\nb\n", "/trun_worker/ said so\n"}) {
    EXPECT_EQ(fold_machinery(text), text);
  }
}

TEST(EvidenceTest, TheTreeOfAProcessBeginsWithItself) {
  const std::string tree = process_tree_text(::getpid());
  EXPECT_EQ(tree.rfind(std::to_string(::getpid()) + " R ", 0), 0u) << tree;
  EXPECT_NE(tree.find("runner_tests"), std::string::npos) << tree;
}

TEST(EvidenceTest, OpenFilesAreNamed) {
  const TemporaryTree tree;
  const std::string path = tree.path("open here");
  const Fd file(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  EXPECT_NE(open_files_text(::getpid()).find(std::to_string(file.get()) + " -> " + path + "\n"), std::string::npos);
}

TEST(EvidenceTest, OfAProcessThatIsGoneNothingIsKnown) {
  constexpr pid_t kNobody = 1 << 30;
  EXPECT_EQ(process_tree_text(kNobody), "");
  EXPECT_EQ(open_files_text(kNobody), "");
  EXPECT_EQ(posix::environment_of(kNobody, "PATH"), std::nullopt);
}

TEST(EvidenceTest, VariablesOfAnEnvironmentAreFoundWhole) {
  ::setenv("TRUN_TEST_NAME", "set too late for /proc", 1);
  EXPECT_EQ(posix::environment_of(::getpid(), "TRUN_TEST_NAME"), std::nullopt);
  EXPECT_NE(posix::environment_of(::getpid(), "PATH"), std::nullopt);
  EXPECT_EQ(posix::environment_of(::getpid(), "ATH"), std::nullopt);
}

TEST(ScratchFileTest, IsReadAndEmptied) {
  auto file = posix::scratch_file("test");
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(::write(file->get(), "hello", 5), 5);
  EXPECT_EQ(posix::contents(*file, 100), "hello");
  EXPECT_EQ(posix::contents(*file, 3), "hel");
  posix::empty(*file);
  EXPECT_EQ(posix::contents(*file, 100), "");
  ASSERT_EQ(::write(file->get(), "x", 1), 1);
  EXPECT_EQ(posix::contents(*file, 100), "x") << "written from the beginning again";
}

TEST(SplitCrashTest, FaulthandlersPartIsApart) {
  const std::string said =
      "before\nFatal Python error: Segmentation fault\n\n"
      "Thread 0x00007f01 (most recent call first):\n  File \"/lib/threading.py\", line 324 in wait\n\n"
      "Current thread 0x00007f00 (most recent call first):\n  File \"/p/test_a.py\", line 3 in test_x\n"
      "  File \"/lib/_pytest/python.py\", line 1 in run\n  File \"/lib/pluggy/_c.py\", line 1 in call\n\n"
      "Extension modules: numpy.core (total: 1)\nafter\n";
  const CrashWords words = split_crash(said);
  EXPECT_EQ(words.where, "/p/test_a.py:3 in test_x");
  EXPECT_EQ(words.rest, "before\nafter\n");
  EXPECT_TRUE(words.stacks.starts_with("Fatal Python error: Segmentation fault\n")) << words.stacks;
  EXPECT_NE(words.stacks.find("line 324 in wait"), std::string::npos);
  EXPECT_EQ(words.stacks.find("_pytest"), std::string::npos) << "machinery is folded";
}

TEST(SplitCrashTest, WithoutFaulthandlerAllIsRest) {
  EXPECT_EQ(split_crash("Killed\n").rest, "Killed\n");
  EXPECT_EQ(split_crash("Killed\n").stacks, "");
  EXPECT_EQ(split_crash("").where, "");
}

TEST(SplitCrashTest, CutOffAnywhereItIsNoWorse) {
  const std::string said =
      "Fatal Python error: Aborted\n\nCurrent thread 0x7 (most recent call first):\n  File \"/p/a.py\", line 3 in f\n";
  for (std::size_t size = 0; size <= said.size(); ++size) {
    const CrashWords words = split_crash(said.substr(0, size));
    EXPECT_EQ(words.stacks.empty(), size < 20) << size;
  }
  EXPECT_EQ(split_crash(said).where, "/p/a.py:3 in f");
}

}  // namespace
}  // namespace trun
