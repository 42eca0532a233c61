// Patterns of python_files, norecursedirs and --ignore-glob: the first line, against the name that follows. What
// Python's fnmatch promises of every pattern must hold of every bytes.
#include "collectors/glob.h"
#include "tests/fuzz/fuzz.h"

namespace trun {
namespace {

/// A pattern that means `name` and nothing else.
std::string escaped(std::string_view name) {
  std::string pattern;
  for (const char c : name) {
    const bool special = c == '*' || c == '?' || c == '[';
    pattern.append(special ? std::string{'[', c, ']'} : std::string{c});
  }
  return pattern;
}

}  // namespace

void fuzz(std::string_view input) {
  FuzzInput parts(input);
  const std::string pattern = parts.line();
  const std::string name(parts.rest());
  const bool matches = fnmatch(name, pattern);
  require(fnmatch(name, "*"), "a star matches everything");
  require(fnmatch(name, escaped(name)), "an escaped name matches itself");
  require(fnmatch(name, escaped(pattern)) == (name == pattern), "an escaped pattern matches itself only");
  require(!matches || fnmatch(name, "*" + pattern), "a star more in front matches no less");
  require(!matches || fnmatch(name, pattern + "*"), "a star more behind matches no less");
  require(fnmatch(name + "/", escaped(name + "/") + pattern) == fnmatch("", pattern), "what is escaped is done with");
  const std::string path = "/" + name;
  require(fnmatch_ex("/" + escaped(name), path), "an absolute pattern is for the whole path");
  require(matches_any({pattern, "/"}, path) == (fnmatch_ex(pattern, path) || path == "/"), "one pattern is enough");
}

}  // namespace trun
