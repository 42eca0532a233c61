// Templates in what trun.toml says: "{port.db}", "{slot}". Text in, text out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "runner/base/result.h"

namespace trun {

/// The value of a name between braces; nullopt: there is none.
using TemplateLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// `text` with each {name} replaced; "{{" and "}}" are braces. What is between braces and is no name (a letter, then
/// letters, digits, '_', '.' and '-') stays as it is: JSON and shell code may have braces of their own, and so may
/// ${NAME}, which is the shell's. Error (usage): a name that `lookup` does not know; `known` says what there is.
Result<std::string> expand_template(std::string_view text, const TemplateLookup& lookup, const std::string& known);

}  // namespace trun
