// Layouts as people write them and as `bulkhead layout` shows them (docs/formats/layout.md).
#pragma once

#include <string>
#include <string_view>

#include "exposure/layouts/record_layout.h"

namespace bulkhead::exposure {

// Hostile input: bounded; kMalformed with the line and what to write instead.
Result<RecordLayout> parse_layout_yaml(std::string_view text, std::string_view name,
                                       const Rules& rules);

// A layout whose records have no tables that depend on a count, as text that reads back the same.
// `picture`: lines of comment that are put in front of the records. `remarks`: a comment behind
// each of layout.fields that has one. Both are printable and have no line ends.
std::string layout_yaml(const RecordLayout& layout, const std::vector<std::string>& picture,
                        const std::vector<std::string>& remarks = {});

}  // namespace bulkhead::exposure
