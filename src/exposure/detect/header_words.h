// The words of the header dictionary, as tables.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "exposure/detect/header_dictionary.h"

namespace bulkhead::exposure {

// Other spellings of a word: "brth" is "birth". Several words may come out: "lname" is "last name".
struct WordAlias {
  std::string_view written, meant;
};
std::span<const WordAlias> word_aliases();

struct SubjectWord {
  std::string_view word;
  HeaderSubject subject;
};
std::span<const SubjectWord> subject_words();

// A phrase and what a column so called holds. Tried in order; the first that fits counts.
struct HeaderPhrase {
  enum Fit : std::uint8_t {
    kExactly,   // the header's words (without the subject's) are these
    kContains,  // all of these are among them
  };
  std::string_view words;  // after aliases
  Fit fit;
  FieldKind kind;
  enum Extra : std::uint8_t { kPlain, kGeneric, kSpeciality, kNotKey } extra = kPlain;
};
std::span<const HeaderPhrase> header_phrases();

// Whole headers of well-known files that the words alone would not tell; compared as words.
struct HeaderEntry {
  std::string_view words;
  FieldKind kind;
  HeaderSubject subject;
  std::string_view issuer;
};
std::span<const HeaderEntry> header_entries();

}  // namespace bulkhead::exposure
