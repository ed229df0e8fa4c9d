// Text for an HTML page: whatever a file or a person says stays text (HTML standard, 13.3).
#pragma once

#include <string>
#include <string_view>

namespace bulkhead::exposure {

// Safe between tags and in a quoted attribute. Control characters, which a page may not hold, and
// those that turn the direction of what follows become U+FFFD. Hostile input.
std::string html_text(std::string_view text);

// What is left of a value in a page that is handed on: enough to tell two lines apart, not enough
// to use. The length is not kept.
std::string masked_name(std::string_view name);      // its first letter
std::string masked_number(std::string_view number);  // the last two of at least eight characters
std::string masked_date(std::string_view iso_date);  // the year

}  // namespace bulkhead::exposure
