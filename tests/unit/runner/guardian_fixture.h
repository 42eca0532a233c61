// A guardian in a process of its own, over an engine that is a function of the test: it catches signals and stays.
#pragma once

#include <gtest/gtest.h>

#include "runner/containment/guardian.h"
#include "tests/unit/runner/kernel_helpers.h"

namespace trun {

inline void count_signal(int signal) { ++shared_board().signals[signal]; }

inline void catch_signal(int signal, void (*handler)(int) = count_signal) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(signal, &action, nullptr);
}

/// Stays until it is told to go or the guardian is gone.
inline int stay(const Fd& guardian_pipe, int exit_code = 0) {
  shared_board().engine = ::getpid();
  shared_board().ready = 1;
  while (shared_board().done == 0) {
    const auto gone = posix::wait_readable(guardian_pipe, std::chrono::milliseconds(1));
    if (gone.ok() && *gone) return 99;
  }
  return exit_code;
}

class GuardianTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(posix::set_subreaper().ok());
    ASSERT_EQ(posix::children_of_self().value(), std::vector<pid_t>());
    make_board();
    output_ = posix::memory_file("output", 4096).value();
  }
  void TearDown() override { clear_children(); }

  /// A guardian in a process of its own.
  pid_t start(const EngineMain& engine_main, const GuardianOptions& options = {}) {
    return fork_child([&] {
      ::dup2(output_.get(), STDERR_FILENO);
      return run_guarded(engine_main, options);
    });
  }

  /// The exit code of the guardian that ran `engine_main`; -1 if it did not end by itself.
  int run(const EngineMain& engine_main, const GuardianOptions& options = {}) {
    const auto status = wait_for(start(engine_main, options));
    return status && !status->signaled ? status->code : -1;
  }

  std::string output() const {
    std::string text(4096, '\0');
    EXPECT_EQ(::pread(output_.get(), text.data(), text.size(), 0), 4096);
    return text.c_str();
  }

  Fd output_;
};

}  // namespace trun
