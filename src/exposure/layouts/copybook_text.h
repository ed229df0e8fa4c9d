// The source text of a copybook as words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::exposure {

struct CobolWord {
  std::string text;  // upper case; of a literal, an apostrophe and what is inside the quotes
  std::uint32_t line = 0;
  bool ends_statement = false;  // a full stop follows
};

// Without comments, sequence numbers and what stands behind column 72. At most `most` words.
std::vector<CobolWord> cobol_words(std::string_view text, std::size_t most);

}  // namespace bulkhead::exposure
