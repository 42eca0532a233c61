// The text scanners face files that nobody checked. Whatever the bytes: no crash, no endless loop, tokens that lie
// inside the text and follow each other, and one answer for one text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collectors/conftest_scan.h"
#include "collectors/glob.h"
#include "collectors/python_lexer.h"
#include "collectors/source_scan.h"

namespace {

void require(bool fact) {
  if (!fact) std::abort();
}

void check_tokens(std::string_view text) {
  trun::PythonLexer lexer(text);
  const char* end = text.data();
  // Each byte gives at most one token, and each line one newline more.
  std::size_t budget = 2 * text.size() + 2;
  for (trun::Token token = lexer.next(); token.kind != trun::Token::Kind::end; token = lexer.next()) {
    require(budget-- > 0);
    if (token.kind == trun::Token::Kind::newline) continue;
    require(!token.text.empty() && token.text.data() >= end);
    end = token.text.data() + token.text.size();
    require(end <= text.data() + text.size());
  }
  for (const auto& [begin, past] : lexer.comments()) require(begin < past && past <= text.size() && text[begin] == '#');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_tokens(text);
  const trun::SourceScan first = trun::scan_source(text);
  const trun::SourceScan second = trun::scan_source(text);
  require(first.tests == second.tests && first.wide_params == second.wide_params);
  require(first.tests <= 1'000'000);
  trun::scan_conftest(text);
  const std::size_t half = size / 2;
  trun::fnmatch(text.substr(half), text.substr(0, half));
  return 0;
}
