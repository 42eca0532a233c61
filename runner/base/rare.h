// Rare: a part of a value that most values do not have. Where there is none it costs a pointer.
#pragma once

#include <memory>
#include <utility>

namespace trun {

/// Copied with the value that it is a part of.
template <typename T>
class Rare {
 public:
  Rare() = default;
  Rare(const Rare& other) : part_(other.part_ ? std::make_unique<T>(*other.part_) : nullptr) {}
  Rare(Rare&&) noexcept = default;
  Rare& operator=(Rare other) noexcept {
    part_ = std::move(other.part_);
    return *this;
  }
  ~Rare() = default;

  /// The part, or one that was made from nothing.
  const T& operator*() const {
    static const T kNone{};
    return part_ ? *part_ : kNone;
  }
  const T* operator->() const { return &**this; }
  /// The part, from now on there.
  T& make() {
    if (!part_) part_ = std::make_unique<T>();
    return *part_;
  }

 private:
  std::unique_ptr<T> part_;
};

}  // namespace trun
