// The text scanners face files that nobody checked. Whatever the bytes: no crash, no endless loop, tokens that lie
// inside the text and follow each other, and one answer for one text.
#include "collectors/conftest_scan.h"
#include "collectors/python_lexer.h"
#include "collectors/source_scan.h"
#include "tests/fuzz/fuzz.h"

namespace trun {
namespace {

void check_tokens(std::string_view text) {
  PythonLexer lexer(text);
  const char* end = text.data();
  // Each byte gives at most one token, and each line one newline more.
  std::size_t budget = 2 * text.size() + 2;
  for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) {
    require(budget-- > 0, "the tokens of a text end");
    if (token.kind == Token::Kind::newline) continue;
    require(!token.text.empty() && token.text.data() >= end, "tokens follow each other");
    end = token.text.data() + token.text.size();
    require(end <= text.data() + text.size(), "tokens lie in the text");
  }
  for (const auto& [begin, past] : lexer.comments())
    require(begin < past && past <= text.size() && text[begin] == '#', "comments are comments");
}

void check_mentions(std::string_view text) {
  const std::vector<std::string> mentions = scan_conftest(text);
  require(std::adjacent_find(mentions.begin(), mentions.end(), std::greater_equal<>()) == mentions.end(),
          "what a conftest mentions is sorted, each once");
  require(mentions == scan_conftest(text), "one text, one answer");
}

}  // namespace

void fuzz(std::string_view text) {
  check_tokens(text);
  check_mentions(text);
  const SourceScan first = scan_source(text);
  const SourceScan second = scan_source(text);
  require(first.tests == second.tests && first.wide_params == second.wide_params, "one text, one answer");
  require(first.tests <= 1'000'000, "the number of tests has a bound");
}

}  // namespace trun
