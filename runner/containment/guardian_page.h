// GuardianPage: what the engine lets its guardian know without a word: that its loop turns, what it is at, and what
// must be given back in its place if it dies. One page of memory that both share; made before the fork.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runner/base/result.h"
#include "runner/kernel/posix.h"

namespace trun {

class GuardianPage {
 public:
  static Result<GuardianPage> create();

  // The engine's side: stores, no system calls.
  /// The loop has turned.
  void beat();
  /// "collecting": fit for "while it was ...". Cut off after 80 bytes.
  void at(std::string_view stage);
  /// The report that is being told of an event, in place of the stage; empty: none. REQUIRES: a literal.
  void reporting(const char* report);
  /// The control group of the run's processes; cut off never, left out if it is longer than 1000 bytes.
  void hold_cgroup(std::string_view folder);
  /// The group that those of workers' memory are in; likewise.
  void hold_memory_groups(std::string_view folder);
  /// A folder of files that are nobody's once the run is over; likewise.
  void hold_folder(std::string_view folder);

  /// Whether the terminal was set to give single keys.
  void hold_terminal(bool held);

  // The guardian's.
  std::uint64_t beats() const;
  std::string stage() const;
  std::string cgroup() const;
  std::string memory_groups() const;
  std::string folder() const;
  bool terminal() const;

 private:
  struct Words;
  explicit GuardianPage(posix::Mapping mapping) : mapping_(std::move(mapping)) {}
  Words& words() const { return *static_cast<Words*>(mapping_.data()); }

  posix::Mapping mapping_;
};

}  // namespace trun
