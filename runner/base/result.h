// Result<T>: a value, or an Error that says why there is none. For operational failures (a file that cannot
// be read, an interpreter that does not start). A test's outcome is data, not an Error; a bug is an invariant.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "runner/base/invariant.h"

namespace trun {

/// What went wrong, in the classes that decide trun's exit code.
struct Error {
  enum class Kind {
    usage,     ///< The user asked for something that cannot be: exit 4.
    internal,  ///< trun or its helper processes failed: exit 3.
  };
  Kind kind = Kind::internal;
  /// Lower-case, without a full stop, naming the path and the system's reason: fit for "cannot run tests: {}".
  std::string message;
};

inline Error usage_error(std::string message) { return {Error::Kind::usage, std::move(message)}; }
inline Error internal_error(std::string message) { return {Error::Kind::internal, std::move(message)}; }

/// Holds a T or an Error. REQUIRES: ok() before value(), !ok() before error().
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : state_(std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }

  T& value() & {
    invariant(ok(), "a value of a Result that has none");
    return std::get<T>(state_);
  }
  const T& value() const& {
    invariant(ok(), "a value of a Result that has none");
    return std::get<T>(state_);
  }
  T&& value() && {
    invariant(ok(), "a value of a Result that has none");
    return std::get<T>(std::move(state_));
  }
  const Error& error() const {
    invariant(!ok(), "an error of a Result that has none");
    return std::get<Error>(state_);
  }

  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }

 private:
  std::variant<T, Error> state_;
};

/// A Result with nothing to return.
using Status = Result<std::monostate>;
inline Status ok_status() { return std::monostate{}; }

}  // namespace trun

/// Unwraps a Result into `target`, or returns its Error from the enclosing function.
#define TRUN_TRY(target, expression)                         \
  auto target##_result = (expression);                       \
  if (!target##_result.ok()) return target##_result.error(); \
  auto target = std::move(target##_result).value()

/// Returns the Error of a Status from the enclosing function, if it is one.
#define TRUN_CHECK(expression)                 \
  do {                                         \
    auto status_ = (expression);               \
    if (!status_.ok()) return status_.error(); \
  } while (false)
