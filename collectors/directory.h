// What discovery asks of the file system, and the only file of this folder that makes system calls: list a directory,
// read a regular file, ask what a path is. Nothing here blocks on FIFOs or devices. Errors are not explained: what
// cannot be read is absent, and pytest, which reads the same paths, says what is wrong.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trun {

/// An entry of a directory; symlinks are what they point to.
struct DirectoryEntry {
  enum class Kind { file, directory, other };
  std::string name;
  Kind kind = Kind::other;
};

/// Device and inode: the same for two paths of one directory.
using DirectoryIdentity = std::pair<unsigned long long, unsigned long long>;

struct DirectoryListing {
  std::vector<DirectoryEntry> entries;  ///< without . and .., in no order
  DirectoryIdentity identity;
  bool complete = true;  ///< false: there were more than `limit` entries
};

/// Lists the directory, at most `limit` entries. Nothing if it is no directory or may not be read.
std::optional<DirectoryListing> list_directory(const std::string& path, std::size_t limit);

/// The content of a regular file, at most `limit` bytes; nothing if it is no regular file or may not be read. It lies
/// in `buffer`, which grows as needed and is to be kept from file to file, and lasts until the next use of that.
std::optional<std::string_view> read_regular_file(const std::string& path, std::size_t limit, std::string& buffer);

bool is_regular_file(const std::string& path);
bool is_directory(const std::string& path);

}  // namespace trun
