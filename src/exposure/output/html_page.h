// What every report page begins and ends with.
#pragma once

#include <string_view>

namespace bulkhead::exposure {

// To the open <main>. The page loads nothing and sends nothing: its policy forbids both.
extern const std::string_view kPageHead;
// From </main> on, with the few lines of script that search the table of persons.
extern const std::string_view kPageEnd;

}  // namespace bulkhead::exposure
