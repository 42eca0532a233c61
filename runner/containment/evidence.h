// What is found out about a process before it is stopped: for the person who must find out why it hung.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace trun {

/// Stacks as Python's faulthandler writes them, each run of frames of pytest and trun folded into one line. What a
/// thread is at is always shown.
std::string fold_machinery(std::string_view stacks);

/// The last words of a process that died of a signal, with Python's faulthandler's part apart.
struct CrashWords {
  std::string stacks;  ///< from "Fatal Python error" on; empty: faulthandler did not speak
  std::string where;   ///< its innermost frame, "test_a.py:3 in test_x"
  std::string rest;    ///< all else that it said
};
CrashWords split_crash(std::string_view last_words);

/// `pid` and what descends from it, a line each, indented: pid, state, command. Long trees are cut.
std::string process_tree_text(pid_t pid);

/// Resident memory of `pid` and what descends from it, bytes; pages that they share count for each.
std::uint64_t memory_of_tree(pid_t pid);

/// The open files, sockets and pipes of `pid`, a line each, less trun's own pages and /dev/null. Long lists are cut.
std::string open_files_text(pid_t pid);

}  // namespace trun
