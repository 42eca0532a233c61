#include "reporters/report_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace trun {
namespace {

namespace fs = std::filesystem;

Error cannot(const char* verb, const std::string& path, const std::string& reason) {
  return internal_error("cannot " + std::string(verb) + " " + path + ": " + reason);
}

Status write_whole(const std::string& path, std::string_view text) {
  // A stream says that it failed and not why. errno is that of the last call, if one has set it.
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  // The last bytes are written here, so a full disk may show only now.
  file.close();
  if (file) return ok_status();
  return cannot("write", path, errno ? std::strerror(errno) : "unknown error");
}

/// Two runs that write the same report must not write the same temporary file.
std::string temporary_name(const std::string& path) {
  // std::random_device of g++ 12 needs glibc 2.36.
  unsigned random = 0;
  [[maybe_unused]] const int status = ::getentropy(&random, sizeof random);
  return path + ".tmp" + std::to_string(random);
}

/// A device or a pipe (/dev/null, /dev/stdout) is written to: a file in its place would be the end of it.
bool is_written_to(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error) && !fs::is_regular_file(path, error) && !fs::is_directory(path, error);
}

Status make_parent(const std::string& path) {
  std::error_code error;
  const fs::path parent = fs::path(path).parent_path();
  if (!parent.empty()) fs::create_directories(parent, error);
  return error ? Status(cannot("create", parent.string(), error.message())) : ok_status();
}

Status try_writing(const std::string& path) {
  std::error_code error;
  // To open a pipe here would wait for its reader, or end it when it is closed again.
  if (is_written_to(path)) return ok_status();
  if (fs::is_directory(path, error)) return cannot("write", path, "it is a directory");
  TRUN_CHECK(make_parent(path));
  // A new file beside it shows whether the directory can be written to, and leaves an old report as it is. A run may
  // end without writing one.
  const std::string temporary = temporary_name(path);
  const Status written = write_whole(temporary, "");
  fs::remove(temporary, error);
  return written;
}

}  // namespace

Status try_report_file(const std::string& path) {
  const Status status = try_writing(path);
  // A usage error ends the run with exit code 4 before it starts.
  return status.ok() ? status : Status(usage_error(status.error().message));
}

Status write_report_file(const std::string& path, std::string_view text) {
  if (is_written_to(path)) return write_whole(path, text);
  TRUN_CHECK(make_parent(path));
  std::error_code error;
  const std::string temporary = temporary_name(path);
  const Status written = write_whole(temporary, text);
  // In the same directory, so rename(2) replaces the file in one step: a reader sees the old report or the new one.
  if (written.ok()) fs::rename(temporary, path, error);
  if (written.ok() && !error) return written;
  std::error_code ignored;
  // With an error code of its own, since that of rename() is still to be told.
  fs::remove(temporary, ignored);
  return written.ok() ? Status(cannot("write", path, error.message())) : written;
}

}  // namespace trun
