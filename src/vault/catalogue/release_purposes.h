// The purposes in the table of releases: the journal's, and one of the catalogue's own.
#pragma once

#include <cstdint>

namespace bulkhead::vault {

constexpr std::uint32_t kReadingPurpose = 0;   // journal::READING
constexpr std::uint32_t kWritingPurpose = 1;   // journal::WRITING
constexpr std::uint32_t kAnalysisPurpose = 2;  // journal::ANALYSIS
constexpr std::uint32_t kUploadedPurpose = 3;  // came in on that channel

}  // namespace bulkhead::vault
