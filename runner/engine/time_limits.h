// Time limits of tests: what marks, rules, settings and the command line come to.
#pragma once

#include "runner/config/config.h"
#include "runner/engine/merge.h"
#include "runner/wire/server_frames.h"

namespace trun {

/// The --timeout of the command line, which is pytest-timeout's where that is active; none: it is not there.
std::optional<Duration> told_timeout(const Config& config);

/// Gives each item its limit. Where --timeout is the plugin's, with its methods, trun ends what that cannot: --grace
/// later.
void limit_items(const Config& config, const Configured& pytest, Gathered& gathered);

}  // namespace trun
