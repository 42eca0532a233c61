#include "runner/ports/lease_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>
#include <vector>

#include "runner/kernel/posix.h"

namespace trun {
namespace {

constexpr std::size_t kLongest = 4096;

Error failed(const std::string& attempt) { return internal_error(attempt + ": " + std::strerror(errno)); }

bool is_own_directory(const std::string& path) {
  struct stat facts {};
  // lstat: a link to a directory of this user's may be changed by who made the link.
  return ::lstat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == ::geteuid();
}

/// Whether `fd` is still the file of that name: its last holder may have removed it between our open and our lock.
bool is_named(const Fd& directory, const std::string& name, const Fd& fd) {
  struct stat named {};
  struct stat held {};
  return ::fstatat(directory.get(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && ::fstat(fd.get(), &held) == 0 &&
         named.st_ino == held.st_ino && named.st_dev == held.st_dev;
}

bool try_lock(const Fd& fd) { return ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0; }

}  // namespace

LeaseOwner lease_owner(std::string run_id, std::string name) {
  return {::getpid(), posix::start_time(::getpid()), std::move(run_id), std::move(name)};
}

std::string to_text(const LeaseOwner& owner) {
  return std::to_string(owner.pid) + " " + std::to_string(owner.started) + " " + owner.run_id + " " + owner.name + "\n";
}

std::optional<LeaseOwner> parse_lease_owner(std::string_view text) {
  std::istringstream words{std::string(text)};
  LeaseOwner owner;
  if (!(words >> owner.pid >> owner.started >> owner.run_id) || owner.pid <= 0) return std::nullopt;
  words.ignore(1);
  // The name stands last, since it may hold blanks.
  if (!std::getline(words, owner.name) || words.eof()) return std::nullopt;  // without its newline it was cut short
  return owner;
}

std::string describe(const LeaseOwner& owner) {
  // flock belongs to the open file: a child that inherited the descriptor keeps the lease after its holder has gone.
  const std::uint64_t started = posix::start_time(owner.pid);
  const bool lives = started != 0 && started == owner.started;
  return "run " + owner.run_id + " of trun (process " + std::to_string(owner.pid) +
         (lives ? "" : ", which is gone: a process that it started has kept the lease") + "), as '" + owner.name + "'";
}

LeaseFile& LeaseFile::operator=(LeaseFile&& other) noexcept {
  if (this == &other) return *this;
  release();
  lock_ = std::move(other.lock_);
  path_ = std::move(other.path_);
  return *this;
}

Status LeaseFile::write(const std::string& text) {
  // In two steps: who reads in between finds no whole line, and names nobody (parse_lease_owner).
  const bool written = ::ftruncate(lock_.get(), 0) == 0 &&
                       ::pwrite(lock_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
  if (!written) return failed("cannot write the lease " + path_);
  return ok_status();
}

void LeaseFile::release() {
  if (!lock_) return;
  (void)::unlink(path_.c_str());  // before the lock goes: whoever has opened the file sees that it is nobody's any more
  lock_.reset();
}

std::string LeaseDirectory::usual_path() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  // sudo and su keep the variable of another user.
  if (runtime && runtime[0] == '/' && is_own_directory(runtime)) return std::string(runtime) + "/trun";
  return "/tmp/trun-" + std::to_string(::geteuid());
}

Result<LeaseDirectory> LeaseDirectory::open(const std::string& path) {
  const std::string attempt = "cannot use the directory of leases " + path;
  // Made and looked at afterwards: in /tmp another user may have been first, and could remove or replace our files.
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed(attempt);
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return failed(attempt);  // of a symbolic link: "Not a directory"
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return failed(attempt);
  // Of the open directory: the path may lead elsewhere by now, all that follows goes by the descriptor.
  if (facts.st_uid != ::geteuid() || (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return internal_error(attempt + ": " +
                          (facts.st_uid != ::geteuid() ? "it is another user's" : "others may write to it") +
                          "; remove it, or set XDG_RUNTIME_DIR to a directory of your own");
  }
  return LeaseDirectory(std::move(fd), path);
}

// A lease is the lock on the file that has the name. Example of the race that is_named() closes: A holds
// port-9000.lease, and B has just opened that file. A unlinks it and closes it, which frees the lock, so that B's
// flock() succeeds: on a file that has no name any more. C could make a new file of that name and lock it, and there
// would be two holders. So B sees that its file is not the named one, and begins anew.
Result<LeaseFile> LeaseDirectory::claim(const std::string& name, const LeaseOwner& owner) const {
  const std::string path = path_ + "/" + name;
  while (true) {
    // Without O_EXCL: a file that a dead run has left is taken over, its lock has gone with it.
    Fd fd(::openat(fd_.get(), name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return failed("cannot make the lease " + path);
    if (!try_lock(fd)) {
      if (errno == EWOULDBLOCK) return LeaseFile();
      return failed("cannot lock the lease " + path);
    }
    if (!is_named(fd_, name, fd)) continue;
    // The text of the dead holder is replaced only under the lock.
    LeaseFile lease(std::move(fd), path);
    TRUN_CHECK(lease.write(to_text(owner)));
    return lease;
  }
}

std::optional<LeaseOwner> LeaseDirectory::owner(const std::string& name) const {
  const Fd fd(::openat(fd_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::array<char, kLongest> text{};
  const ssize_t size = ::pread(fd.get(), text.data(), text.size(), 0);
  if (size <= 0) return std::nullopt;
  return parse_lease_owner({text.data(), static_cast<std::size_t>(size)});
}

std::size_t LeaseDirectory::sweep() const {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path_.c_str()), &::closedir);
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (name.ends_with(".lease")) names.emplace_back(name);
  }
  std::size_t removed = 0;
  for (const std::string& name : names) {
    const Fd fd(::openat(fd_.get(), name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    // A file that can be locked is nobody's. The lock is held over unlinkat(), so that nobody takes the file over
    // meanwhile; it goes with `fd`.
    if (!fd || !try_lock(fd) || !is_named(fd_, name, fd)) continue;
    if (::unlinkat(fd_.get(), name.c_str(), 0) == 0) ++removed;
  }
  return removed;
}

}  // namespace trun
