// What stands in a letter, in order, before it is laid out.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "notify/letters/letter.h"
#include "notify/letters/template.h"

namespace bulkhead::notify {

struct Piece {
  enum class Kind { kParagraph, kHeading, kItem, kAddress };
  Kind kind = Kind::kParagraph;
  std::string text;
  bool fixed = false;  // the same in every letter: worth keeping its shapes
};

// One language of a mailing: its template, and the values that all letters share.
struct LanguageTexts {
  Template text;
  Values values;
};

// A letter as it is to be printed.
struct PrintedLetter {
  std::string number;
  std::vector<std::string> envelope;  // addressee and address
  std::vector<std::string> sender;    // organisation and return address
  std::string reference, page;        // words of the first language
  std::string notice;                 // "unverified, ask counsel", or nothing
  std::vector<Piece> pieces;
};

// The letter in all its languages, one behind the other.
Result<PrintedLetter> compose(const Letter& letter, const std::vector<LanguageTexts>& languages,
                              const Facts& facts, const Rules& rules);

// The same text for everybody, for web and media; `elements` are those of all persons together.
Result<std::vector<Piece>> compose_public(const LanguageTexts& language,
                                          exposure::ElementSet elements, bool sensitive,
                                          const Rules& rules);

// Whether a rule that touches this letter, or a bureau's address in it, is unverified.
bool touched_by_unverified(std::uint32_t rules_of_letter, const Rules& rules);

}  // namespace bulkhead::notify
