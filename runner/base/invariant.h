// Invariants: what no input can break, so that a broken one is a bug in trun. They are checked in every build: what
// follows from a bug unseen (a count that underflows, a wait that never ends) costs users more than the look does.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace trun {

/// A bug in trun. The engine ends the run as an internal error, with its reports (engine.cc).
class Bug : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] inline void throw_bug(std::string_view what, std::string_view path, int line) {
  throw Bug("a bug in trun: " + std::string(what) + " (" + std::string(path.substr(path.rfind('/') + 1)) + ":" +
            std::to_string(line) + ")");
}

/// Throws Bug unless `holds`. `what`: what is wrong where it does not hold. The place is the caller's, asked of the
/// compiler because clang 14 has no std::source_location.
inline void invariant(bool holds, std::string_view what, const char* file = __builtin_FILE(),
                      int line = __builtin_LINE()) {
  if (!holds) [[unlikely]]
    throw_bug(what, file, line);
}

}  // namespace trun
