// Goes up with every change to a table or a rule that can change what is found: X12 tables, header
// dictionary, checks, code tables, resolution. Findings made with other tables are made anew.
#pragma once

#include <string_view>

namespace bulkhead::exposure {

constexpr std::string_view kTablesVersion = "tables 4";

}  // namespace bulkhead::exposure
