// JsonObject: writes one JSON object into a string, member by member, for lines that are written by the ten thousand.
// Not a document model: that is Boost.JSON (metrics.cc).
#pragma once

#include <string>
#include <string_view>

#include "runner/base/clock.h"

namespace trun {

/// Appends `text` as a JSON string; invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Appends "1.500000": `value` in seconds, to the microsecond.
void append_seconds(std::string& out, Duration value);

/// Appends "{...}" to a string: the brace when it begins, the members as they are added, the brace when it goes out of
/// scope.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;
  ~JsonObject() { out_ += '}'; }

  /// Begins a member whose value the caller appends to the returned string. REQUIRES: `name` needs no escaping.
  std::string& key(std::string_view name);
  void add(std::string_view name, std::string_view value) { append_json_string(key(name), value); }
  void add(std::string_view name, const char* value) { add(name, std::string_view(value)); }
  void add(std::string_view name, long long value) { key(name) += std::to_string(value); }
  void add_true(std::string_view name) { key(name) += "true"; }
  /// Seconds, to the microsecond.
  void add_seconds(std::string_view name, Duration value) { append_seconds(key(name), value); }
  /// A fraction, to six digits.
  void add_fraction(std::string_view name, double value);
  /// A member only if `value` says something.
  void add_if(std::string_view name, std::string_view value) {
    if (!value.empty()) add(name, value);
  }

 private:
  std::string& out_;
  bool is_first_ = true;
};

/// Appends "[...]"; `append` is called for each element with the element.
template <typename Range, typename Append>
void append_json_array(std::string& out, const Range& range, Append append) {
  out += '[';
  bool first = true;
  for (const auto& element : range) {
    if (!first) out += ", ";
    first = false;
    append(element);
  }
  out += ']';
}

}  // namespace trun
