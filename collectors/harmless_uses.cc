#include "collectors/harmless_uses.h"

#include <initializer_list>
#include <string>

#include "collectors/harmless_names.h"
#include "collectors/token_search.h"

namespace trun {
namespace {

bool is_in_one_of(std::string_view dotted, std::initializer_list<std::string_view> modules) {
  return is_one_of(dotted, modules) || is_below_one_of(dotted, modules);
}

}  // namespace

bool decorates_argument(std::string_view dotted) {
  return is_one_of(dotted, {"functools.update_wrapper",
                            "functools.total_ordering",
                            "dataclasses.dataclass",
                            "attr.s",
                            "attr.attrs",
                            "attr.attributes",
                            "attr.dataclass",
                            "attr.define",
                            "attr.mutable",
                            "attr.frozen",
                            "attrs.define",
                            "attrs.mutable",
                            "attrs.frozen",
                            "attr.resolve_types",
                            "attrs.resolve_types",
                            "abc.update_abstractmethods",
                            "typing.final",
                            "typing.runtime_checkable",
                            "typing.no_type_check",
                            "typing_extensions.final",
                            "types.coroutine"});
}

// Not those that keep or wrap what they are given: partial, a mark, a mock.
bool uses_arguments(std::string_view dotted) {
  if (dotted.find('.') == std::string_view::npos) {
    return is_harmless_builtin(dotted) &&
           !is_one_of(dotted, {"callable", "classmethod", "getattr", "hasattr", "id", "isinstance", "issubclass",
                               "property", "staticmethod", "super", "type", "vars"});
  }
  return is_in_one_of(
             dotted,
             {"array",   "base64",     "bisect",  "collections", "copy",     "csv",          "datetime", "decimal",
              "difflib", "fractions",  "hashlib", "heapq",       "io",       "itertools",    "json",     "math",
              "numpy",   "operator",   "os",      "pathlib",     "pickle",   "pprint",       "random",   "re",
              "shlex",   "statistics", "string",  "struct",      "textwrap", "urllib.parse", "uuid",     "zlib"}) ||
         is_one_of(dotted, {"dict.fromkeys", "functools.reduce", "str.join"});
}

bool is_iterating_method(std::string_view name) {
  return is_one_of(name, {"difference", "extend", "extendleft", "format", "format_map", "fromkeys", "intersection",
                          "issubset", "issuperset", "join", "symmetric_difference", "union", "update"});
}

bool is_plain_value(std::string_view dotted) {
  if (is_in_one_of(dotted, {"errno", "hypothesis", "os", "pytest", "signal", "stat", "sys", "tempfile"})) return true;
  // The modules of these tables, and what is in them.
  const std::string member = std::string(dotted) + ".x";
  return is_harmless_base(dotted) || is_harmless_call(dotted) || is_harmless_call(member);
}

}  // namespace trun
