// The names that a test file may use at module level without anybody hearing of it: the table of ModuleEffects. Dotted
// names as they are imported, whatever the file calls them.
#pragma once

#include <initializer_list>
#include <string_view>

namespace trun {

/// Whether calling it, or decorating with it, changes nothing that another file can see.
bool is_harmless_call(std::string_view dotted);

/// The same of a builtin.
bool is_harmless_builtin(std::string_view name);

/// Whether such a call changes its first argument, and nothing else.
bool changes_argument(std::string_view dotted);

/// Whether such a call calls its first argument.
bool calls_argument(std::string_view dotted);

/// Whether a method of that name changes nothing, whatever it is a method of: of a variable of a loop, say.
bool is_harmless_method(std::string_view name);

/// Whether `name` is below one of `modules`: "os.path" allows "os.path.join", and not itself.
bool is_below_one_of(std::string_view name, std::initializer_list<std::string_view> modules);

/// Whether a class with that base is known to nobody: no __init_subclass__, no metaclass that keeps a list.
bool is_harmless_base(std::string_view dotted);

/// Whether a base of that name, without module, is one of tests.
bool names_test_base(std::string_view name);

/// The same of a builtin.
bool is_harmless_builtin_base(std::string_view name);

/// Whether what such a call gives is for one process only: a random number, a folder of its own.
bool binds_to_process(std::string_view dotted);

/// Whether what such a call returns is everybody's (a logger, say), so that its methods change what others see.
bool returns_shared(std::string_view dotted);

}  // namespace trun
