// Cells of CSV files that people open in a spreadsheet.
#pragma once

#include <string>
#include <string_view>

namespace bulkhead {

// RFC 4180: quoted where it must be. What a spreadsheet would run as a formula gets a leading
// apostrophe: the values are other people's.
std::string csv_field(std::string_view text);

}  // namespace bulkhead
