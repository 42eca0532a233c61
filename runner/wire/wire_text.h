// Text as it crosses the wire, and is known in the engine from then on: valid UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace trun {

/// `text` with each byte that is no part of UTF-8 as `\udcXX`, as Python's terminals show the surrogate that it makes
/// of it. Of the path of a test file: what node ids begin with.
std::string crossing(std::string_view text);

/// The bytes of a path that crossing() made `text` of.
std::string path_of(std::string_view text);

}  // namespace trun
