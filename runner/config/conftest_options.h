// Options of a suite's own that are called as one of trun's: a conftest that adds --slow or --mode. trun takes such a
// word for itself, and the user may have meant the suite's.
#pragma once

#include <string>
#include <vector>

namespace trun {

/// "tests/conftest.py adds an option --slow of its own, which pytest gets behind --: trun -- --slow"; empty: no option
/// of trun's on the command line `args` (argv without the program's name) is a conftest's, too. Looks at the text of
/// conftest.py in `cwd`, in its subfolders, and in folders that `args` name.
std::string clash_with_conftests(const std::vector<std::string>& args, const std::string& cwd);

}  // namespace trun
