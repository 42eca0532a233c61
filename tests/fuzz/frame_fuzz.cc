// Bytes of a peer that we did not write, through the frame decoder and, where a payload comes out, both decoders of
// messages. The first byte says how the rest is split: whatever the splits, the same payloads must come out.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "runner/frame.h"
#include "runner/protocol.h"

namespace {

struct Decoded {
  std::vector<std::string> payloads;
  std::string error;  ///< ends the stream
  bool operator==(const Decoded&) const = default;
};

/// What is in `bytes`, fed `step` at a time.
Decoded decode(std::string_view bytes, std::size_t step) {
  trun::FrameDecoder decoder;
  Decoded found;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    decoder.feed(bytes.substr(at, step));
    while (true) {
      const auto next = decoder.next();
      if (!next.ok()) {
        found.error = next.error().message;
        return found;
      }
      if (!next->has_value()) break;
      found.payloads.emplace_back(**next);
    }
  }
  return found;
}

void expect(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Decoded whole = decode(bytes, bytes.size() + 1);
  expect(whole == decode(bytes, 1 + data[0]));
  std::string again;
  for (const std::string& payload : whole.payloads) {
    again += trun::encode_frame(payload);
    (void)trun::decode_from_worker(payload);
    (void)trun::decode_from_server(payload);
  }
  expect(bytes.substr(0, again.size()) == again);
  // Unframed too, so that the decoders of messages are reached without a right length.
  (void)trun::decode_from_worker(bytes);
  (void)trun::decode_from_server(bytes);
  return 0;
}
