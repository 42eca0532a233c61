// OthersImports: what a worker imports in place of the files that other workers collect, so that its tests find what
// they would find under pytest, where every file is imported before any test runs: registries filled, submodules there.
// A value, made from what discovery read.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "collectors/discover.h"
#include "runner/wire/worker_frames.h"

namespace trun {

/// Files that do at import what other files may see.
struct SeenFiles {
  std::size_t count = 0;
  std::string first;  ///< at most three, with line and reason, in the user's words
};

SeenFiles seen_files(const Discovery& found, const std::string& rootdir);

/// By file, in pytest's order; files that add nothing to those before them are left out. A file of SeenFiles is
/// imported itself; of the others, which nobody sees, only the imports are made.
std::vector<OthersImport> others_imports(const Discovery& found);

/// A sentence for -v.
std::string why_imports(const std::vector<OthersImport>& imports, const SeenFiles& seen);

}  // namespace trun
