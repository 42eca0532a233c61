// Writing a report file so that nobody ever sees half of it: into a temporary file beside it, then renamed.
#pragma once

#include <string>
#include <string_view>

#include "runner/base/result.h"

namespace trun {

/// Whether write_report_file could write there: makes the missing parent directories and a temporary file, and removes
/// that again. To be asked before a run that may take an hour. Error (usage): it could not, and why.
Status try_report_file(const std::string& path);

/// Replaces the file at `path` by `text`; creates missing parent directories. On failure the old file stays as it was,
/// no temporary file stays behind, and the Error names the path and the reason. What is no file (a device, a pipe) is
/// written to.
Status write_report_file(const std::string& path, std::string_view text);

}  // namespace trun
