// The questions that workers ask about services (docs/protocol.md), as plain structs, and the answers.
#pragma once

#include <cstdint>
#include <string>

#include "runner/base/result.h"
#include "runner/services/services.h"
#include "runner/wire/worker_frames.h"

namespace trun {

/// "admit": the test with that ordinal is to begin.
struct AdmitQuestion {
  std::uint64_t ordinal = 0;
};
Result<AdmitQuestion> decode_admit_question(const JsonText& args);

/// "service": the test with that ordinal wants to use it.
struct ServiceQuestion {
  std::string name;
  std::uint64_t ordinal = 0;
};
Result<ServiceQuestion> decode_service_question(const JsonText& args);

/// {"host", "port", "ports", "url", "database"}; null where there is none.
JsonText service_answer(const Services& services, ServiceIndex service, Slot slot);

}  // namespace trun
