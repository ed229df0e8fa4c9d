// From persons.ndjson and facts.yaml to letters, notices, reports and deadlines: the header for
// others.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "exposure/corrections/corrections.h"

namespace bulkhead::notify {

struct DraftOptions {
  std::string persons;  // persons.ndjson, as docs/schemas/persons.schema.json says
  std::string roster_persons;  // those on a roster who are in none of the files; empty: none
  std::string facts;    // facts.yaml
  std::string out;      // a folder; made if it is not there (mode 0700)
  std::shared_ptr<const exposure::Corrections> corrections;  // null: none
  std::string rules_folder;  // rules, templates and bureaus: the installed ones, or one's own
  bool large_print = false;  // as letter.large_print in the facts
  unsigned threads = 1;      // the result does not depend on it
};

struct DraftOutcome {
  std::uint64_t persons = 0, persons_written_to = 0, persons_not_written = 0;
  std::uint64_t letters = 0, pages = 0;
  std::uint64_t enrolled = 0, enrolled_written_to = 0;  // of the roster, out of caution
  std::vector<std::string> written;   // paths
  std::vector<std::string> warnings;  // sentences
  std::vector<std::string> due;       // one line each of what is owed
};

// Writes letters.pdf, mailing.csv, not-written.csv, letters.ndjson, lookup.index, regulators/…, media.txt,
// web.html, risk-assessment.txt and deadlines.json into `out`, each whole or not at all,
// deadlines.json last. The same input gives the same bytes. Both input files are hostile: errors
// are one sentence with file and line, without personal data. Memory does not grow with the number
// of letters (but by 8 bytes each), only with minors and deceased people.
//
// Letters to those of `roster_persons` go to `out`/enrolled/, and enter no number of any document.
//
// `out`/numbers.key is made with the first draft and used again: letter numbers stay when the
// persons file is corrected. kRefused where a template lacks what a rule requires.
Result<DraftOutcome> draft(const DraftOptions& options);

}  // namespace bulkhead::notify
