// Frames as text and back, for the tests of the protocol.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "runner/wire/frame.h"
#include "runner/wire/protocol.h"

namespace trun {

/// The payload of an encoded frame, checked for its length. Keys stand in the order of docs/protocol.md.
inline std::string payload(const std::string& frame) {
  FrameDecoder decoder;
  decoder.feed(frame);
  const auto next = decoder.next();
  return next.ok() && *next && decoder.pending() == 0 ? std::string(**next) : "not one frame";
}

/// A frame of the fork server, which must be of this type.
template <typename Frame>
Frame server(std::string_view text) {
  auto frame = decode_from_server(text);
  if (frame.ok() && std::holds_alternative<Frame>(*frame)) return std::get<Frame>(std::move(*frame));
  ADD_FAILURE() << (frame.ok() ? "another frame" : frame.error().message);
  return {};
}

/// The same of a worker.
template <typename Frame>
Frame worker(std::string_view text) {
  auto frame = decode_from_worker(text);
  if (frame.ok() && std::holds_alternative<Frame>(*frame)) return std::get<Frame>(std::move(*frame));
  ADD_FAILURE() << (frame.ok() ? "another frame" : frame.error().message);
  return {};
}

inline std::string server_error(std::string_view text) {
  const auto frame = decode_from_server(text);
  return frame.ok() ? "" : frame.error().message;
}

inline std::string worker_error(std::string_view text) {
  const auto frame = decode_from_worker(text);
  return frame.ok() ? "" : frame.error().message;
}

using Texts = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

}  // namespace trun
