// What the fuzz targets share. A target is a file that defines fuzz(): one input, and the facts that must hold whatever
// it is. fuzz.cc hands it to libFuzzer, standalone.cc runs it on files.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/result.h"

namespace trun {

/// Defined by each target. Whatever it leaves behind must not change what the next input does.
void fuzz(std::string_view input);

/// Ends the program, which makes the input a finding.
inline void require(bool fact, std::string_view what) {
  if (fact) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

/// What every Error owes its reader: one line that begins with `beginning`, and more than that.
inline void require_message(const Error& error, Error::Kind kind, std::string_view beginning = "") {
  require(error.kind == kind, "an error of the right kind: " + error.message);
  require(error.message.size() > beginning.size() && error.message.starts_with(beginning),
          "an error says what is wrong, and where: " + error.message);
}

/// Cuts an input into the parts that a target needs; what is not there any more is 0 or empty. Lines keep corpora
/// legible.
class FuzzInput {
 public:
  explicit FuzzInput(std::string_view input) : rest_(input) {}

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)[0]); }

  /// Eight bytes, the lowest first.
  std::uint64_t word() {
    std::uint64_t word = 0;
    const std::string bytes = take(8);
    for (std::size_t i = bytes.size(); i-- > 0;) word = word << 8 | static_cast<std::uint8_t>(bytes[i]);
    return word;
  }

  /// Without its newline.
  std::string line() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string line(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }

  /// All that are left.
  std::vector<std::string> lines() {
    std::vector<std::string> lines;
    while (!empty()) lines.push_back(line());
    return lines;
  }

 private:
  /// Exactly so many bytes, zeros behind the end.
  std::string take(std::size_t count) {
    std::string bytes(rest_.substr(0, count));
    rest_.remove_prefix(bytes.size());
    bytes.resize(count);
    return bytes;
  }

  std::string_view rest_;
};

}  // namespace trun
