// ScratchFolder: the folder that holds those of a run's services. It is under lock as long as its run lives, so that
// what a run has left whose engine and guardian were killed in one moment is told from what is in use.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "runner/base/result.h"
#include "runner/kernel/fd.h"

namespace trun {

/// Move-only; the end of its life removes the folder.
class ScratchFolder {
 public:
  ScratchFolder() = default;
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&& other) noexcept;
  ~ScratchFolder() { remove(); }

  /// Makes `path`, whose name is scratch_name()'s, after what dead runs have left beside it was removed.
  static Result<ScratchFolder> make(const std::string& path);

  bool there() const { return lock_.valid(); }
  const std::string& path() const { return path_; }

 private:
  ScratchFolder(Fd lock, std::string path) : lock_(std::move(lock)), path_(std::move(path)) {}
  void remove();

  Fd lock_;
  std::string path_;
};

/// "trun-0123abcd-services".
std::string scratch_name(std::string_view run_id);
/// Whether `name` is one of those: nothing else is ever removed.
bool is_scratch_name(std::string_view name);

/// Removes from `parent` the folders of dead runs of this user. Returns how many there were.
std::size_t remove_dead_scratch(const std::string& parent);

}  // namespace trun
