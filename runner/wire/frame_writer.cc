#include "runner/wire/frame_writer.h"

#include <algorithm>

#include "runner/wire/frame.h"
#include "runner/wire/wire_text.h"

namespace trun::wire {

FrameWriter::FrameWriter(std::string_view type) { object_["t"] = type; }

FrameWriter& FrameWriter::put(std::string_view key, json::value value) {
  object_[key] = std::move(value);
  return *this;
}

FrameWriter& FrameWriter::put_text(std::string_view key, std::string_view text) {
  // The text comes from elsewhere; one that is no JSON must not spoil the frame that it stands in.
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  return put(key, error ? json::value(nullptr) : std::move(value));
}

std::string FrameWriter::frame() const { return encode_frame(json::serialize(object_)); }

json::value to_json(const std::string& text) { return json::string(crossing(text)); }

void append_json(std::string& out, std::string_view text) {
  // Nearly all node ids are plain ASCII, and there may be a million: no tree and no copy for those.
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (std::all_of(text.begin(), text.end(), is_plain))
    out.append(1, '"').append(text).append(1, '"');
  else
    out += json::serialize(json::value(json::string(crossing(text))));
}

json::value to_json(const std::vector<std::string>& texts) {
  json::array array;
  array.reserve(texts.size());
  for (const std::string& text : texts) array.push_back(to_json(text));
  return array;
}

json::object to_json(const std::vector<std::pair<std::string, std::string>>& entries) {
  json::object object;
  object.reserve(entries.size());
  for (const auto& [key, value] : entries) object[crossing(key)] = crossing(value);
  return object;
}

}  // namespace trun::wire
