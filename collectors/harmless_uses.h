// What calls that are harmless by themselves (harmless_names.h) do with what they are given: change it, iterate over
// it, or only keep it. Dotted names as they are imported, whatever the file calls them.
#pragma once

#include <string_view>

namespace trun {

/// Whether it is a decorator that changes the first argument that it is called with: dataclass(C), update_wrapper(f,
/// g).
bool decorates_argument(std::string_view dotted);

/// Whether such a call, of a builtin or a pure function, iterates, compares or otherwise uses what it is given.
bool uses_arguments(std::string_view dotted);

/// Whether a method of that name iterates over what it is given.
bool is_iterating_method(std::string_view name);

/// Whether it is a module, or of one, whose values run no code of others: nobody needs to look.
bool is_plain_value(std::string_view dotted);

}  // namespace trun
