// Which names in a conftest.py matter to the choice of how to collect. It looks at the text only: what is mentioned
// counts as used, in strings too; comments are left out if the text was understood to the end. It imports nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trun {

/// The names mentioned, sorted, each once:
/// - every name that begins with "pytest_" (what pytest takes for a hook, and "pytest_plugins");
/// - "session.items" (any attribute `items` that is not called), "testscollected", "collect_ignore",
/// "collect_ignore_glob",
///   "workerinput", "PYTEST_XDIST" (any name that begins so), "worker_id" (the fixture, xdist's function for it);
/// - "import *", "exec" (exec, eval, builtins, a hook name that is computed, names that are not ASCII, a text that was
/// not
///   understood), "globals" (globals, vars, locals, __dict__ and the like, setattr of a name that may be a hook's):
///   hooks may come from there unnamed;
/// - "wide_params": what SourceScan::wide_params says of this text.
std::vector<std::string> scan_conftest(std::string_view text);

}  // namespace trun
