// The bytes that tests wrote, on their way into XML, JSON and onto a terminal: what comes out is read back by the
// parsers of others, and stays within the limits that were asked for. The first byte is a width.
#include <boost/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "reporters/json_text.h"
#include "reporters/text.h"
#include "reporters/utf8.h"
#include "reporters/xml_text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/xml_characters.h"

namespace trun {
namespace {

void check_xml(std::string_view text) {
  const std::string clean = xml_text(text);
  require(is_xml_text(clean), "nothing is left that XML forbids");
  require(xml_text(clean) == clean, "cleaning twice is cleaning once");
  pugi::xml_document written, read;
  pugi::xml_node node = written.append_child("a");
  node.append_attribute("b") = clean.c_str();
  std::ostringstream out;
  written.save(out, "", pugi::format_raw | pugi::format_no_declaration);
  require(out.str().size() <= escaped_size(clean) + sizeof "<a b=\"\"/>", "no more bytes than were announced");
  require(read.load_string(out.str().c_str()), "XML is read back");
  require(read.child("a").attribute("b").value() == clean, "an attribute says what was written");
}

void check_limits(std::string_view text, std::size_t width) {
  const std::size_t limit = 64 + width;  // the note takes as much
  const std::string capped = capped_text(text, limit);
  require(capped.size() <= limit && is_xml_text(capped), "a text is cut where it was asked for, between characters");
  const std::string name = capped_name(text);
  require(escaped_size(name) <= kNameLimit && is_xml_text(name), "a name has a limit");
  const std::string message = short_message(text);
  require(message == text || code_points(message) <= 600, "a message is short");
}

void check_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  boost::system::error_code error;
  const boost::json::value read = boost::json::parse(out, error);
  require(!error && read.as_string() == valid_utf8(text), "JSON is read back");
}

void check_utf8(std::string_view text, std::size_t width) {
  const std::string valid = valid_utf8(text);
  require(valid_utf8(valid) == valid && code_points(valid) == code_points(text), "as many characters as before");
  const std::string_view head = utf8_prefix(valid, width), tail = utf8_suffix(valid, width);
  require(head.size() <= width && tail.size() <= width, "a part is as long as was asked for");
  require(valid_utf8(head) == head && valid_utf8(tail) == tail, "a part ends between characters");
}

void check_terminal(std::string_view text, int width) {
  require(display_width(ellipsis(text, width)) <= width, "what is cut to a width has it");
  if (width >= 2 && display_width(text) >= 0) {
    std::istringstream lines(wrapped(text, 0, width));
    for (std::string line; std::getline(lines, line);) require(display_width(line) <= width, "a line has its width");
  }
  const auto fitted = trimmed("a - ", text, " b", width);
  require(fitted.has_value() == (width >= 9), "there is room for the dots, or there is none");
  require(!fitted || display_width(*fitted) <= width, "what is trimmed to a width has it");
  require(without_ansi(marked("x", {Color::red, true})) == "x", "colours are no text");
  const std::string bare = without_ansi(text);
  require(bare.size() <= text.size() && (bare == text || text.find('\x1b') != text.npos), "only escapes are left out");
}

}  // namespace

void fuzz(std::string_view input) {
  FuzzInput parts(input);
  const std::uint8_t width = parts.byte();
  check_xml(parts.rest());
  check_limits(parts.rest(), width);
  check_json(parts.rest());
  check_utf8(parts.rest(), width);
  check_terminal(parts.rest(), width);
}

}  // namespace trun
