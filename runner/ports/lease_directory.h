// LeaseDirectory: where runs of trun on one machine leave word of what they hold, for each other: one small file a
// thing, under flock as long as its holder lives. The lock is the lease: the kernel frees it with the last descriptor,
// in whatever way the holder ends. The file's text says who it is, for messages. Knows nothing of what is leased.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "runner/base/result.h"
#include "runner/kernel/fd.h"

namespace trun {

/// Who holds a lease.
struct LeaseOwner {
  pid_t pid = 0;
  std::uint64_t started = 0;  ///< the process's start time as in /proc/PID/stat: a pid alone may be another's by now
  std::string run_id;
  std::string name;  ///< what it is called there: "api"
  bool operator==(const LeaseOwner&) const = default;
};

/// This process.
LeaseOwner lease_owner(std::string run_id, std::string name);

/// One line; and back. Empty: not such a line.
std::string to_text(const LeaseOwner& owner);
std::optional<LeaseOwner> parse_lease_owner(std::string_view text);

/// "run 4f2a... of trun (process 4711), as 'api'"; says so if that process is gone.
std::string describe(const LeaseOwner& owner);

/// A file under lock; the end of its life takes both away. Move-only.
class LeaseFile {
 public:
  LeaseFile() = default;
  LeaseFile(Fd lock, std::string path) : lock_(std::move(lock)), path_(std::move(path)) {}
  LeaseFile(LeaseFile&&) noexcept = default;
  LeaseFile& operator=(LeaseFile&& other) noexcept;
  ~LeaseFile() { release(); }

  bool held() const { return lock_.valid(); }
  const std::string& path() const { return path_; }
  /// Replaces the text of the file. REQUIRES: held().
  Status write(const std::string& text);
  /// Gives the lease up; nothing if it is not held.
  void release();

 private:
  Fd lock_;
  std::string path_;
};

class LeaseDirectory {
 public:
  /// `$XDG_RUNTIME_DIR/trun`, where that directory is this user's; else /tmp/trun-UID.
  static std::string usual_path();

  /// Makes `path` (mode 0700) where it is not there. Error: it is a symbolic link, is not this user's, or others may
  /// write to it.
  static Result<LeaseDirectory> open(const std::string& path);

  /// Takes the lease `name` for `owner`. A file that a dead run left is taken over. Not held(): somebody else has it.
  Result<LeaseFile> claim(const std::string& name, const LeaseOwner& owner) const;

  /// Who holds the lease, or held it last. Empty: nobody, or who holds it has not said yet.
  std::optional<LeaseOwner> owner(const std::string& name) const;

  /// Removes what dead runs have left. Returns how many files that were.
  std::size_t sweep() const;

  const std::string& path() const { return path_; }

 private:
  LeaseDirectory(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Fd fd_;
  std::string path_;
};

}  // namespace trun
