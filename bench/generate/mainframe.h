// Bytes as mainframes write them.
#pragma once

#include <string>
#include <string_view>

#include "generate/corpus.h"

namespace bulkhead::generate {

std::string ebcdic(std::string_view ascii);                       // code page 037
std::string packed(std::string_view digits, unsigned positions);  // COMP-3, sign F
std::string binary(std::uint64_t value, unsigned bytes);          // most significant byte first

// RECFM VB: blocks of up to 4,000 bytes, so that spans of one person may cross them.
class VariableBlocks {
 public:
  explicit VariableBlocks(CorpusFile& file) : file_(file) {}
  // Returns where the record's bytes begin in the file.
  std::uint64_t put(std::string_view record);
  void finish();

 private:
  CorpusFile& file_;
  std::string block_;
};

}  // namespace bulkhead::generate
