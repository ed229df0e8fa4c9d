// COBOL copybooks: data descriptions as they are found beside mainframe extracts.
#pragma once

#include <string_view>

#include "exposure/layouts/record_layout.h"

namespace bulkhead::exposure {

// Level numbers and pictures at the start of statements. Cheap; for deciding whether to parse.
bool looks_like_copybook(std::string_view text);

// Reads the data descriptions of a copybook (or of the DATA DIVISION of a whole program: all
// records of it). Fixed and free form, sequence numbers, comments. Hostile input: bounded, errors
// are kMalformed or kLimitExceeded with the line. What no record needs (levels 66 and 78, VALUE of
// 88) is skipped.
Result<RecordLayout> parse_copybook(std::string_view text, std::string_view name,
                                    const Rules& rules);

}  // namespace bulkhead::exposure
