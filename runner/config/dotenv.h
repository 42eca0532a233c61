// Dotenv: environment files ("NAME=value" lines) as Docker Compose and python-dotenv read them. Text in, variables out;
// nothing is read from disk and nothing is set here.
#pragma once

#include <string>
#include <string_view>

#include "runner/base/result.h"
#include "runner/model/variables.h"

namespace trun {

/// Parses a whole file. The rules are python-dotenv's (https://pypi.org/project/python-dotenv):
/// - a line is empty, a comment (#) or `[export] NAME = VALUE`; a bare NAME sets nothing;
/// - 'single quotes' keep all but \\ and \'; "double quotes" know \\ \' \" \a \b \f \n \r \t \v; both may span lines;
/// - an unquoted value ends at " #" or the end of the line, less the blanks around it;
/// - `${NAME}` and `${NAME:-default}` are expanded in all but single quotes: by what the file has set so far, then by
///   `outside`, then the default, else nothing. ($NAME without braces stays as it is.)
/// Error (usage): "FILE:LINE: what", for a line that is none of these; `name` stands for the file.
Result<Variables> parse_dotenv(std::string_view text, const std::string& name, const Lookup& outside);

/// `${NAME}` and `${NAME:-default}` in `text`, as above.
std::string expand_variables(std::string_view text, const Lookup& lookup);

}  // namespace trun
