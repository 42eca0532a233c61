#include "runner/kernel/scratch_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <utility>

#include "runner/base/run_id.h"
#include "runner/kernel/surroundings.h"

namespace trun {
namespace {

namespace fs = std::filesystem;

/// A folder has another name until it is under lock: whoever sees its own name unlocked may remove it.
constexpr std::string_view kUnborn = ".new";
// Seconds. A folder that is still unborn after that was left by a run that died in between.
constexpr std::time_t kBirthTakes = 60;

Fd open_folder(const std::string& path) {
  // O_NOFOLLOW: in a folder that all may write to, others can put a link under such a name.
  return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
}

// The kernel frees the lock with the last descriptor of the folder, in whatever way the run ends (flock(2)).
bool lock(const Fd& folder) { return ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0; }

bool is_dead(const std::string& path, std::string_view name) {
  const bool unborn = name.ends_with(kUnborn);
  if (!is_scratch_name(unborn ? name.substr(0, name.size() - kUnborn.size()) : name)) return false;
  const Fd folder = open_folder(path);
  struct stat facts {};
  // Folders of other users are theirs to remove, also if trun is root.
  if (!folder || ::fstat(folder.get(), &facts) != 0 || facts.st_uid != ::geteuid()) return false;
  if (unborn && ::time(nullptr) - facts.st_mtime < kBirthTakes) return false;
  // The lock is given up here: nobody takes over a folder, so that it stays dead until it is removed.
  return lock(folder);
}

Error cannot(const std::string& what) { return internal_error("cannot " + what + ": " + ::strerror(errno)); }

}  // namespace

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : lock_(std::move(other.lock_)), path_(std::exchange(other.path_, {})) {}

ScratchFolder& ScratchFolder::operator=(ScratchFolder&& other) noexcept {
  remove();
  lock_ = std::move(other.lock_);
  path_ = std::exchange(other.path_, {});
  return *this;
}

Result<ScratchFolder> ScratchFolder::make(const std::string& path) {
  (void)remove_dead_scratch(fs::path(path).parent_path());
  // A run that begins at the same time removes each folder of this kind that is not locked. Between mkdir() and flock()
  // ours is not: for that moment its name ends in ".new", and such folders are left alone for a minute. rename() keeps
  // the lock, which belongs to the open file.
  const std::string unborn = path + std::string(kUnborn);
  if (::mkdir(unborn.c_str(), 0755) != 0) return cannot("make " + path);
  Fd folder = open_folder(unborn);
  if (!folder || !lock(folder)) return cannot("lock " + path);
  if (::rename(unborn.c_str(), path.c_str()) != 0) return cannot("make " + path);
  return ScratchFolder(std::move(folder), path);
}

void ScratchFolder::remove() {
  std::error_code ignored;
  // Under the lock, so that no other run takes it for dead and removes it at the same time.
  if (there()) fs::remove_all(path_, ignored);
  lock_.reset();
}

std::string scratch_name(std::string_view run_id) { return "trun-" + short_run_id(run_id) + "-services"; }

bool is_scratch_name(std::string_view name) { return name.starts_with("trun-") && name.ends_with("-services"); }

std::size_t remove_dead_scratch(const std::string& parent) {
  std::size_t removed = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    if (!is_dead(entry.path(), entry.path().filename().string())) continue;
    std::error_code ignored;
    fs::remove_all(entry.path(), ignored);
    ++removed;
  }
  return removed;
}

}  // namespace trun
