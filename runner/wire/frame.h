// Frames: u32 little-endian length, then so many bytes of payload (docs/protocol.md). Finds the borders in a stream of
// bytes; knows nothing of what the payloads say and nothing of sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runner/base/result.h"

namespace trun {

constexpr std::uint32_t kMinPayload = 2;
constexpr std::uint32_t kMaxPayload = 256u << 20;
constexpr std::size_t kPartBytes = 4u << 20;

/// The whole frame. REQUIRES: the payload has kMinPayload bytes. Throws std::length_error for more than kMaxPayload,
/// which the other end would refuse: whatever grows with the suite is sent in parts of kPartBytes.
std::string encode_frame(std::string_view payload);

/// Bytes in, payloads out. Memory grows with the bytes that have come, not with the length that was announced.
class FrameDecoder {
 public:
  /// Takes in bytes as they come, split anywhere.
  void feed(std::string_view bytes);

  /// The next whole payload, valid until the next feed(); empty if more bytes are needed; an Error if the peer
  /// announced a length out of bounds: there is no way back into the stream, every later call says the same.
  Result<std::optional<std::string_view>> next();

  /// Bytes of a frame that is not whole yet: at end-of-file, not 0 means that the peer died within a frame.
  std::size_t pending() const { return buffer_.size() - taken_; }

 private:
  std::string buffer_;
  std::size_t taken_ = 0;  ///< bytes of buffer_ that next() has given out
};

}  // namespace trun
