// The documents that are no letters: reports to regulators, media, web, and the assessment to fill.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "notify/letters/compose.h"
#include "notify/rules/deadlines.h"

namespace bulkhead::notify {

struct DocumentText {
  std::string path;  // below the drafts' folder
  std::string text;
};

// Everything that is to be written beside the letters, by path. `folder` holds documents/*.txt.
Result<std::vector<DocumentText>> documents(const std::string& folder,
                                            const std::vector<LanguageTexts>& languages,
                                            const Facts& facts, const Rules& rules,
                                            const Totals& totals, const std::vector<Due>& due);

}  // namespace bulkhead::notify
