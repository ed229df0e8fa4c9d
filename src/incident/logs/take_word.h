// Lines of words between blanks, taken from the front.
#pragma once

#include <string_view>

namespace bulkhead::incident {

// The next word, which is taken off; empty at the end.
inline std::string_view take_word(std::string_view& text) {
  while (text.starts_with(" "))
    text.remove_prefix(1);
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace bulkhead::incident
