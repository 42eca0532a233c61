#include "collectors/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>

namespace trun {
namespace {

// In bytes.
constexpr std::size_t kFirstRead = 1 << 16;

class OpenFile {
 public:
  // O_NONBLOCK: between the listing and now the entry may have become a FIFO, whose open() waits for a writer.
  // O_NOCTTY: or a terminal, which must not become the controlling one.
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

DirectoryEntry::Kind kind_of_mode(mode_t mode) {
  if (S_ISREG(mode)) return DirectoryEntry::Kind::file;
  return S_ISDIR(mode) ? DirectoryEntry::Kind::directory : DirectoryEntry::Kind::other;
}

DirectoryEntry::Kind kind_of(int directory, const dirent& entry) {
  // The type in the entry spares a stat() for nearly every file. A link has DT_LNK and must be followed. Some file
  // systems give DT_UNKNOWN for every entry (readdir(3)).
  if (entry.d_type == DT_REG) return DirectoryEntry::Kind::file;
  if (entry.d_type == DT_DIR) return DirectoryEntry::Kind::directory;
  struct stat status;
  if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) return DirectoryEntry::Kind::other;
  // A link that leads nowhere, or an entry that is gone by now.
  if (::fstatat(directory, entry.d_name, &status, 0) != 0) return DirectoryEntry::Kind::other;
  return kind_of_mode(status.st_mode);
}

DirectoryEntry::Kind kind_of(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 ? kind_of_mode(status.st_mode) : DirectoryEntry::Kind::other;
}

bool is_dot(std::string_view name) { return name == "." || name == ".."; }

}  // namespace

std::optional<DirectoryListing> list_directory(const std::string& path, std::size_t limit) {
  std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  struct stat status;
  // fstat() asks the open directory. The path may lead elsewhere by now, and the identity must be that of the listed
  // directory.
  if (!directory || ::fstat(::dirfd(directory.get()), &status) != 0) return std::nullopt;
  DirectoryListing listing;
  listing.identity = {status.st_dev, status.st_ino};
  while (const dirent* entry = ::readdir(directory.get())) {
    if (is_dot(entry->d_name)) continue;
    // Asked only when there is one more entry: a directory of exactly `limit` entries is complete.
    if (listing.entries.size() == limit) {
      listing.complete = false;
      break;
    }
    listing.entries.push_back({entry->d_name, kind_of(::dirfd(directory.get()), *entry)});
  }
  return listing;
}

std::optional<std::string_view> read_regular_file(const std::string& path, std::size_t limit, std::string& buffer) {
  OpenFile file(path);
  struct stat status;
  // fstat() asks the file that was opened. A stat() of the path before open() could tell of another file.
  if (file.fd() < 0 || ::fstat(file.fd(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  if (buffer.size() < kFirstRead) buffer.resize(kFirstRead);
  std::size_t size = 0;
  while (size < limit) {
    if (size == buffer.size()) buffer.resize(2 * size);
    const std::size_t room = std::min(limit, buffer.size()) - size;
    const ssize_t got = ::read(file.fd(), buffer.data() + size, room);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    size += static_cast<std::size_t>(got);
    // A regular file gives less than was asked for only at its end: one read for most files.
    if (static_cast<std::size_t>(got) < room) break;
  }
  return std::string_view(buffer).substr(0, size);
}

bool is_regular_file(const std::string& path) { return kind_of(path) == DirectoryEntry::Kind::file; }
bool is_directory(const std::string& path) { return kind_of(path) == DirectoryEntry::Kind::directory; }

}  // namespace trun
