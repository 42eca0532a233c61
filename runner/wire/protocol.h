// Frames to bytes and back (docs/protocol.md). Decoding is strict in what is needed: a type that does not exist, a
// field that is missing or of the wrong kind is an Error that names frame and field; fields it does not know are
// ignored. Knows no sockets, and draws no conclusions from what a frame says. Boost.JSON stays in the .cc files.
#pragma once

#include <string>
#include <string_view>

#include "runner/base/result.h"
#include "runner/wire/host_frames.h"
#include "runner/wire/server_frames.h"
#include "runner/wire/worker_frames.h"

namespace trun {

constexpr int kProtocolVersion = 1;

/// One payload, as FrameDecoder gives it.
Result<FromServer> decode_from_server(std::string_view payload);
Result<FromWorker> decode_from_worker(std::string_view payload);
Result<FromHost> decode_from_host(std::string_view payload);

/// A whole frame, length included. Bytes that are not UTF-8 go as in wire_text.h; a JsonText that is none as null.
std::string encode(const Hello& frame);
std::string encode(const Fork& frame);
/// As many frames as it takes.
std::string encode(const SaveCache& frame);
std::string encode(const MakeBasetemp& frame);
std::string encode(const Exit& frame);
std::string encode(const Start& frame);
std::string encode(const Assign& frame);
std::string encode(const Answer& frame);
std::string encode(const Finish& frame);

std::string encode(const HostStart& frame);
/// Asks for the `workerinput` of that process.
std::string encode(const HostedProcess& node);
std::string encode(const HostRelay& frame);
/// "collection": what was collected; "split": which group each of these belongs to. As many frames as it takes.
std::string encode_host_ids(std::string_view type, const std::vector<NodeId>& ids);
std::string encode(const std::vector<HostTest>& tests);
std::string encode(const HostDown& frame);
std::string encode(const HostCrash& frame);
std::string encode(const HostFailed& frame);
std::string encode(const HostEnd& frame);

}  // namespace trun
