// What can be configured about detection, as data: the identifiers of a programme.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "exposure/detect/element.h"

namespace bulkhead::exposure {

// A programme's own number for a person, such as Missouri's DCN. Where a header (or an X12 issuer)
// names it, its values are labelled so; `pattern` is one letter a character: 9 digit, A letter, X
// either, anything else itself.
struct ProgrammeIdentifier {
  std::string name;                  // the label in the outputs: "DCN"
  std::string pattern;               // "99999999"; empty: any
  std::vector<std::string> headers;  // column names, compared without case and punctuation
  std::vector<std::string>
      issuers;  // parts of a payer's or plan's name that say that its member numbers are these
  Element element = Element::kMemberId;
};

// Does `value` fit such a pattern?
bool fits_pattern(std::string_view pattern, std::string_view value);

// Immutable after construction; safe to share between threads.
struct Rules {
  std::vector<ProgrammeIdentifier> programmes;

  // The version of the built-in tables and these settings together: findings carry it, a run with
  // another one is another run. 16 lower-case hexadecimal digits.
  std::string version() const;
};

// The built-in programme identifiers (Missouri's comes along).
Rules default_rules();

// Adds the [[identifier]] tables of a TOML file: name, pattern, headers, issuers, element. An
// unknown key is an error.
Result<Rules> parse_rules(std::string_view toml, std::string_view path);

}  // namespace bulkhead::exposure
