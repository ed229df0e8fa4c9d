// How a file whose layout nobody has may be cut into records.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "exposure/layouts/record_layout.h"

namespace bulkhead::exposure {

struct RecordForm {
  CodePage page = CodePage::kAscii;
  Framing framing = Framing::kLines;
  std::uint32_t record_length = 0;        // of kFixed; of kLines where all have the same
  std::vector<std::string_view> records;  // the first ones, views of the head
  bool whole_file = false;                // they are all that there are
};

// The forms that the bytes allow, the likeliest first; none for bytes without any order. `head`:
// the first bytes of a file of `file_size`. `ebcdic`: by the frequencies of its characters.
std::vector<RecordForm> possible_forms(std::string_view head, std::uint64_t file_size, bool ebcdic);

// Records of one length without ends: the length with which the characters repeat. Only lengths
// that divide the file: a length that leaves a rest is a guess. Nothing where none does.
std::optional<std::uint32_t> repeating_length(std::string_view head, std::uint64_t file_size,
                                              CodePage page);

}  // namespace bulkhead::exposure
