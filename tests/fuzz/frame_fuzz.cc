// Bytes of a peer that we did not write, through the frame decoder. The first byte says how the rest is split: whatever
// the splits, the same payloads must come out, and their frames are the bytes that went in.
#include "runner/wire/frame.h"
#include "tests/fuzz/fuzz.h"

namespace trun {
namespace {

struct Decoded {
  std::vector<std::string> payloads;
  std::string error;  ///< ends the stream
  bool operator==(const Decoded&) const = default;
};

/// What is in `bytes`, fed `step` at a time.
Decoded decode(std::string_view bytes, std::size_t step) {
  FrameDecoder decoder;
  Decoded found;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    decoder.feed(bytes.substr(at, step));
    while (true) {
      const auto next = decoder.next();
      if (!next.ok()) {
        require_message(next.error(), Error::Kind::internal, "a frame of ");
        found.error = next.error().message;
        return found;
      }
      if (!next->has_value()) break;
      found.payloads.emplace_back(**next);
    }
  }
  return found;
}

}  // namespace

void fuzz(std::string_view input) {
  FuzzInput parts(input);
  const std::size_t step = 1 + parts.byte();
  const std::string_view bytes = parts.rest();
  const Decoded whole = decode(bytes, bytes.size() + 1);
  require(whole == decode(bytes, step), "the splits do not matter");
  std::string again;
  for (const std::string& payload : whole.payloads) again += encode_frame(payload);
  require(bytes.substr(0, again.size()) == again, "payloads encode to what they were decoded from");
}

}  // namespace trun
