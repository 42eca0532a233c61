// What the questions of workers carry (docs/protocol.md, questions), as plain structs. protocol_question.cc reads them
// from JSON and writes the answers' values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/base/result.h"
#include "runner/wire/worker_frames.h"

namespace trun {

/// "port": a number for this slot by that name, and the bound socket on request. "release_port": it is used no more.
struct PortQuestion {
  std::string name;
  bool socket = false;
  std::string address = "127.0.0.1";
};
Result<PortQuestion> decode_port_question(const JsonText& args);
JsonText port_answer(std::uint16_t number);

/// "once", "once_made", "once_left", "once_alone": a fixture that is executed once for all workers (once_fixtures.h).
struct OnceQuestion {
  std::string key;                   ///< which fixture, with which parameter
  std::string fixture;               ///< its name, for messages
  std::string value;                 ///< of "once_made": pickled, as base64; empty if it failed
  std::vector<std::string> failure;  ///< of "once_made": [kind, text], empty if it did not fail
};
Result<OnceQuestion> decode_once_question(const JsonText& args);
/// The asker is to execute the fixture.
JsonText once_owner_answer();
/// The fixture has been executed: its value, or how it failed.
JsonText once_value_answer(const OnceQuestion& made);

}  // namespace trun
