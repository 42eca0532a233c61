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

/// The whole frame. REQUIRES: the payload's size is within the bounds.
std::string encode_frame(std::string_view payload);

/// A frame without its payload, to be appended to and finished: what is large is not copied into one.
std::string begin_frame();
/// Error: the payload is larger than any peer takes.
Result<std::string> finish_frame(std::string frame);

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
