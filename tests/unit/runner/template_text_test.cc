#include "runner/base/template_text.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

std::string expanded(std::string_view text) {
  const auto lookup = [](std::string_view name) -> std::optional<std::string> {
    if (name == "port.db") return "4711";
    if (name == "slot") return "3";
    return std::nullopt;
  };
  const auto out = expand_template(text, lookup, "{port.db}, {slot}");
  return out.ok() ? *out : "error: " + out.error().message;
}

TEST(TemplateTextTest, NamesAreReplaced) {
  EXPECT_EQ(expanded(""), "");
  EXPECT_EQ(expanded("-p {port.db} {slot}{slot}"), "-p 4711 33");
}

TEST(TemplateTextTest, UnknownNamesAreErrorsThatSayWhatThereIs) {
  EXPECT_EQ(expanded("x {port.web}"),
            "error: '{port.web}' is not known here (there are: {port.db}, {slot}); '{{' stands for a brace");
}

TEST(TemplateTextTest, BracesThatAreNoNamesStay) {
  for (const char* text : {R"({"a": 1})", "{}", "{ slot }", "{1}", "a { b", "} {", "awk '{print $1}'"}) {
    EXPECT_EQ(expanded(text), text);
  }
}

TEST(TemplateTextTest, TheShellsVariablesStay) { EXPECT_EQ(expanded("${HOME} ${slot} {slot}"), "${HOME} ${slot} 3"); }

TEST(TemplateTextTest, DoubledBracesAreBraces) { EXPECT_EQ(expanded("{{slot}} {{{slot}}}"), "{slot} {3}"); }

}  // namespace
}  // namespace trun
