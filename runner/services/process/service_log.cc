#include "runner/services/process/service_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

#include "runner/base/run_id.h"
#include "runner/kernel/posix.h"

namespace trun {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTail = 16 * 1024;

std::string with_run(const std::string& path, const std::string& run_id) {
  const fs::path whole(path);
  return (whole.parent_path() / (whole.stem().string() + "-" + short_run_id(run_id) + whole.extension().string()))
      .string();
}

/// An empty file under lock; invalid: another run has it.
Result<Fd> open_locked(const std::string& path) {
  // O_APPEND: of a path like /dev/stderr others may be writers, too.
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file) return usage_error("cannot write the log " + path + ": " + ::strerror(errno));
  // Two runs of one project have the same path. A file that cannot be locked at all (a device) is written to all the
  // same.
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return Fd();
  (void)::ftruncate(file.get(), 0);  // what is no regular file (/dev/stderr) has no length
  return file;
}

}  // namespace

Result<ServiceLog> ServiceLog::open(const std::string& path, const std::string& run_id) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error) return usage_error("cannot make the folder of the log " + path + ": " + error.message());
  ServiceLog log;
  log.path_ = path;
  TRUN_TRY(file, open_locked(path));
  // This run's own name beside the other's file.
  if (!file) {
    log.path_ = with_run(path, run_id);
    TRUN_TRY(own, open_locked(log.path_));
    file = std::move(own);
  }
  log.file_ = std::move(file);
  return log;
}

Result<Fd> ServiceLog::connect() {
  // A pipe for each launch: what a dead process has left may hold the old one open, and must not be taken for the new
  // one.
  TRUN_TRY(pipe, posix::make_pipe());
  TRUN_CHECK(posix::set_nonblocking(pipe.read));
  lines_ = LinePipe(std::move(pipe.read));
  return std::move(pipe.write);
}

bool ServiceLog::read(const std::function<void(std::string_view)>& line) {
  return lines_.read([&](std::string_view text) {
    keep(text);
    line(text);
  });
}

void ServiceLog::finish(const std::function<void(std::string_view)>& line) {
  if (!lines_.fd()) return;
  // What is there now. No end-of-file is waited for: a descendant may hold the pipe.
  (void)read(line);
  lines_.finish([&](std::string_view text) {
    keep(text);
    line(text);
  });
  lines_ = LinePipe();
}

void ServiceLog::keep(std::string_view line) {
  std::string text(line);
  text += '\n';
  // Memory first: reports need the last lines also where the file cannot be written.
  tail_ += text;
  // Cut at twice the size, so that not every line moves the whole tail.
  if (tail_.size() > 2 * kTail) tail_.erase(0, tail_.size() - kTail);
  for (std::string_view rest = text; file_ && !rest.empty();) {
    const ssize_t count = ::write(file_.get(), rest.data(), rest.size());
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      // Told once by the owner (Services::tick); the tail in memory goes on.
      trouble_ = "cannot write its log " + path_ + " any more: " + ::strerror(errno);
      file_.reset();
    }
  }
}

std::string ServiceLog::last_lines(std::size_t most) const {
  std::size_t begin = tail_.size();
  for (std::size_t lines = 0; lines < most && begin > 0; ++lines) {
    // begin - 1 is the newline that ends the line found last; the one before it ends the line before.
    const std::size_t newline = begin < 2 ? std::string::npos : tail_.rfind('\n', begin - 2);
    begin = newline == std::string::npos ? 0 : newline + 1;
  }
  return tail_.substr(begin);
}

}  // namespace trun
