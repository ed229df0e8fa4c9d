// Paths in logs of web servers.
#pragma once

#include <string>
#include <string_view>

namespace bulkhead::incident {

// "/files/a%20b.csv?x=1" -> "/files/a b.csv". What is no escape stays.
std::string decoded_path(std::string_view path);

// Whether an answer under this path may be any file: web shells that hand out files (human2.aspx of
// the attacks on MOVEit Transfer in 2023), interfaces that name files by number.
bool names_no_file(std::string_view path);

}  // namespace bulkhead::incident
