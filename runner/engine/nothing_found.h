// What a run without a single test had looked for, as a sentence for the user. Pure. pytest only says that no tests
// ran.
#pragma once

#include <optional>
#include <string>

#include "collectors/discover.h"
#include "runner/engine/merge.h"
#include "runner/wire/server_frames.h"

namespace trun {

/// None if there is a test to run, or an error to tell.
std::optional<std::string> nothing_found(const Configured& pytest, const Discovery& found, const Gathered& gathered);

}  // namespace trun
