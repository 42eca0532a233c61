// Finds the user's Python: the one in which their pytest lives. Looks at files only and starts nothing: that a Python
// has pytest is not known here, but for the virtual environment that trun itself was installed into.
#pragma once

#include <string>

#include "runner/base/result.h"

namespace trun {

/// Where to look, in this order.
struct InterpreterQuery {
  std::string python;  ///< --python: a path (relative to `cwd`) or a name on `path`; empty: not given
  std::string prefix;  ///< the folder that trun is installed in; its bin/python if it is an environment with pytest
  std::string virtual_env;  ///< $VIRTUAL_ENV: its bin/python
  std::string cwd;          ///< its .venv/bin/python
  std::string path;         ///< $PATH: python3, then python
};

/// Absolute path of an executable file; symlinks are kept, since a virtual environment's python is known by its path. A
/// --python that does not exist is an error (usage); nothing found at all is one that names everything that was tried.
Result<std::string> find_interpreter(const InterpreterQuery& query);

}  // namespace trun
