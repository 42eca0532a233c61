// Estimates from a test file's text how many tests it holds, for ordering and balance, and notices what may reorder
// tests across files. It is not a parser and runs nothing: pytest alone says what a test is. Linear in the text, for
// any bytes.
#pragma once

#include <string_view>

#include "collectors/discover.h"

namespace trun {

/// Scans the text of one Python file. `rootless_duplicate` is left false.
///
/// Counted: functions named test*, methods named test* of classes named Test* or with a base that looks like
/// unittest.TestCase, inherited ones where the base is in the same text; times the rows of parametrize where they are a
/// literal list or a range. Not counted: what decorators, loops and imports make.
///
/// `wide_params` is true also where it cannot be ruled out: a scope that is no literal, `indirect`, `**options`,
/// fixture or parametrize under another name, a text that is not understood.
SourceScan scan_source(std::string_view text);

}  // namespace trun
