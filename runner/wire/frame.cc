#include "runner/wire/frame.h"

#include <stdexcept>

#include "runner/base/invariant.h"

namespace trun {
namespace {

constexpr std::size_t kLengthBytes = 4;
/// After a frame as large as this one has been taken, its memory is given back.
constexpr std::size_t kKeptCapacity = 1u << 20;

std::uint32_t read_length(std::string_view bytes) {
  // Byte by byte: little-endian on the wire, whatever this machine is.
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return length;
}

void set_length(std::string& frame, std::size_t length) {
  for (std::size_t i = 0; i < kLengthBytes; ++i) frame[i] = static_cast<char>(length >> (8 * i) & 0xff);
}

}  // namespace

std::string encode_frame(std::string_view payload) {
  // No invariant: a suite may be that large. The exception ends the run by its reports (runner/engine/ending.cc).
  if (payload.size() > kMaxPayload) {
    throw std::length_error("a frame of " + std::to_string(payload.size()) + " bytes, of which " +
                            std::to_string(kMaxPayload) + " can be sent");
  }
  invariant(payload.size() >= kMinPayload, "a frame without content");
  std::string frame(kLengthBytes, '\0');
  frame.reserve(kLengthBytes + payload.size());
  frame.append(payload);
  set_length(frame, payload.size());
  return frame;
}

// Example: the payload `{}` goes as 02 00 00 00 7b 7d. Of the bytes 02 00 00 next() makes nothing; with 00 7b 7d 1c
// behind them it gives `{}`, and keeps 1c, the beginning of the next length.
void FrameDecoder::feed(std::string_view bytes) {
  // Only here, since what next() has given out are views into the buffer.
  buffer_.erase(0, taken_);
  taken_ = 0;
  if (buffer_.empty() && buffer_.capacity() > kKeptCapacity) buffer_ = std::string();
  buffer_.append(bytes);
}

Result<std::optional<std::string_view>> FrameDecoder::next() {
  const std::string_view rest = std::string_view(buffer_).substr(taken_);
  if (rest.size() < kLengthBytes) return std::optional<std::string_view>();
  const std::uint32_t length = read_length(rest);
  // Before the bytes are there: a length that only nonsense has would be waited for, for ever.
  if (length < kMinPayload || length > kMaxPayload) {
    return internal_error("a frame of " + std::to_string(length) + " bytes was announced, allowed are " +
                          std::to_string(kMinPayload) + " to " + std::to_string(kMaxPayload));
  }
  if (rest.size() - kLengthBytes < length) return std::optional<std::string_view>();
  taken_ += kLengthBytes + length;
  return std::optional(rest.substr(kLengthBytes, length));
}

}  // namespace trun
