// Fd: the single owner of a file descriptor. Move-only; closes at the end of its life. Knows nothing of what the
// descriptor is for.
#pragma once

#include <utility>

namespace trun {

class Fd {
 public:
  Fd() = default;
  /// Takes ownership of `fd`; -1 is "none".
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  explicit operator bool() const { return valid(); }

  /// Gives the descriptor up without closing it: the caller owns it now.
  int release() { return std::exchange(fd_, -1); }
  /// Closes what is held and takes `fd`.
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

}  // namespace trun
