// Code 128 (ISO/IEC 15417), code set B: what scanners of returned mail read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::notify {

// Widths in modules, bar first, then space and bar by turns: start, characters, check, stop.
// `text`: characters from space to '~'; others are an invariant broken.
std::vector<unsigned char> code_128(std::string_view text);

}  // namespace bulkhead::notify
