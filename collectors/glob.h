// Shell-style patterns as pytest reads them: Python's fnmatch over a name, and pytest's fnmatch_ex over a path. Not the
// shell's: a star crosses slashes, and there is no escape character. Names are bytes; UTF-8 sequences count as one
// character.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trun {

/// Python's fnmatch.fnmatchcase: the whole name must match. Time: at most length of name times length of pattern.
bool fnmatch(std::string_view name, std::string_view pattern);

/// pytest's fnmatch_ex (_pytest/pathlib.py): a pattern without a slash is for the last component; one with a slash is
/// for the whole path, from anywhere in it unless the pattern is absolute. REQUIRES: path is absolute.
bool fnmatch_ex(std::string_view pattern, std::string_view path);

/// Whether any of the patterns matches, by fnmatch_ex.
bool matches_any(const std::vector<std::string>& patterns, std::string_view path);

}  // namespace trun
