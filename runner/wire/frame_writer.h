// Builds the JSON of the frames that trun sends; for protocol_*.cc only, since it brings Boost.JSON with it. What goes
// out is UTF-8, whatever came in.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/wire/wire_text.h"

namespace trun::wire {

namespace json = boost::json;

/// Builds one frame.
class FrameWriter {
 public:
  explicit FrameWriter(std::string_view type);

  FrameWriter& put(std::string_view key, json::value value);
  /// A field with JSON text of its own; null if it is none.
  FrameWriter& put_text(std::string_view key, std::string_view text);

  /// The whole frame, length included.
  std::string frame() const;

 private:
  json::object object_;
};

/// Bytes that are not UTF-8 as in wire_text.h.
json::value to_json(const std::string& text);
/// Appends `text` as a JSON string, made UTF-8.
void append_json(std::string& out, std::string_view text);
json::value to_json(const std::vector<std::string>& texts);

template <typename T>
json::value to_json(const std::optional<T>& value) {
  return value ? to_json(*value) : json::value(nullptr);
}

json::object to_json(const std::vector<std::pair<std::string, std::string>>& entries);

template <typename Number>
json::object to_json(const std::vector<std::pair<std::string, Number>>& entries) {
  json::object object;
  object.reserve(entries.size());
  for (const auto& [key, value] : entries) object[crossing(key)] = value;
  return object;
}

}  // namespace trun::wire
