// What may stand in an XML document, by the recommendation alone: for parsers that do not look.
#pragma once

#include <string_view>

#include "reporters/utf8.h"

namespace trun {

/// XML 1.0, production 2, in UTF-8.
inline bool is_xml_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = decode_utf8(text, at);
    if (code == kInvalidCode || code == 0xFFFE || code == 0xFFFF) return false;
    if (code < 0x20 && code != '\t' && code != '\n' && code != '\r') return false;
  }
  return true;
}

}  // namespace trun
