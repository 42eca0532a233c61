#include "runner/wire/frame_writer.h"

#include <algorithm>

#include "runner/wire/frame.h"

namespace trun::wire {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

/// The bounds of the second byte after `lead` and how many bytes follow it (Unicode, table 3-7). None follow what leads
/// nothing.
struct Sequence {
  std::size_t following = 0;
  unsigned char low = 0x80, high = 0xbf;
};

Sequence sequence_of(unsigned char lead) {
  if (lead >= 0xc2 && lead <= 0xdf) return {1};
  if (lead == 0xe0) return {2, 0xa0};
  if (lead == 0xed) return {2, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return {2};
  if (lead == 0xf0) return {3, 0x90};
  if (lead >= 0xf1 && lead <= 0xf3) return {3};
  if (lead == 0xf4) return {3, 0x80, 0x8f};
  return {};
}

/// Bytes of `text`, from its start, that are one character (`whole`) or the part of one that is there.
std::pair<std::size_t, bool> first_character(std::string_view text) {
  const Sequence sequence = sequence_of(static_cast<unsigned char>(text[0]));
  unsigned char low = sequence.low, high = sequence.high;
  for (std::size_t i = 1; i <= sequence.following; ++i) {
    const unsigned char byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
    if (byte < low || byte > high) return {i, false};
    low = 0x80, high = 0xbf;
  }
  return {1 + sequence.following, sequence.following > 0};
}

bool is_ascii(char byte) { return static_cast<unsigned char>(byte) < 0x80; }

}  // namespace

FrameWriter::FrameWriter(std::string_view type) { object_["t"] = type; }

FrameWriter& FrameWriter::put(std::string_view key, json::value value) {
  object_[key] = std::move(value);
  return *this;
}

FrameWriter& FrameWriter::put_text(std::string_view key, std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  return put(key, error ? json::value(nullptr) : std::move(value));
}

std::string FrameWriter::frame() const { return encode_frame(json::serialize(object_)); }

json::string to_utf8(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_ascii)) return json::string(text);
  json::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto [size, whole] = first_character(text);
    const bool keep = whole || is_ascii(text[0]);
    result.append(keep ? text.substr(0, size) : kReplacement);
    text.remove_prefix(size);
  }
  return result;
}

json::value to_json(const std::string& text) { return to_utf8(text); }

void append_json(std::string& out, std::string_view text) {
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (std::all_of(text.begin(), text.end(), is_plain))
    out.append(1, '"').append(text).append(1, '"');
  else
    out += json::serialize(json::value(to_utf8(text)));
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
  for (const auto& [key, value] : entries) object[to_utf8(key)] = to_utf8(value);
  return object;
}

}  // namespace trun::wire
