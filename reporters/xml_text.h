// Text that may stand in an XML 1.0 document, within the sizes that readers of JUnit files bear. Escaping of <, & and
// quotes is the XML writer's; this is about what must not be there at all. Sources: the XML recommendation, libxml2's
// limits, pytest's bin_xml_escape.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace trun {

/// Longest name, classname and file in a JUnit file, bytes as escaped.
inline constexpr std::size_t kNameLimit = 1000;
/// Longest text of one element, bytes.
inline constexpr std::size_t kTextLimit = 64 * 1024;

/// `text` without ANSI codes; forbidden characters visible as pytest writes them ("#x1B"); invalid bytes and lone
/// surrogates as U+FFFD.
std::string xml_text(std::string_view text);

/// Whether nothing of it is left in xml_text.
bool is_empty_in_xml(std::string_view text);

/// Whether it stands for itself, in an attribute too: printable ASCII without a character that is escaped.
bool is_itself_in_xml(std::string_view text);

/// xml_text in at most `limit` bytes: head and tail are kept, with a line between them that says how much is missing.
std::string capped_text(std::string_view text, std::size_t limit = kTextLimit);

/// Bytes that `text` takes once the XML writer has escaped it; at most.
std::size_t escaped_size(std::string_view text);

/// xml_text of a name, under kNameLimit bytes when escaped: a longer one is cut and ends in a hash of the whole.
std::string capped_name(std::string_view name);

/// Whether an attribute may be called that: ASCII, and without a namespace.
bool is_xml_name(std::string_view text);

/// A failure's `message` attribute: whole lines up to 500 characters, then how many are left (pytest's
/// shorten_message).
std::string short_message(std::string_view message);

}  // namespace trun
