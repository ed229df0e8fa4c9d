// The text of the letters in one language: letters/LANGUAGE.yaml. A template says which of the
// required items each section is for, and is refused by name where one is missing.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "notify/input/facts.h"
#include "notify/letters/letter.h"
#include "notify/rules/rules.h"

namespace bulkhead::notify {

// A paragraph or a list of a section. A text of several lines keeps them.
struct TemplateBlock {
  enum class Kind { kParagraph, kElements, kBureaus };
  Kind kind = Kind::kParagraph;
  std::string text;                 // with {placeholders}
  std::vector<Audience> audiences;  // empty: all
  enum class Basis { kAny, kFiles, kEnrolled };
  Basis basis = Basis::kAny;      // whether somebody's data was in the files
  std::vector<std::string> when;  // facts that must be there: "vendor", "toll_free"…

  bool is_for(Audience audience) const;
};

struct TemplateSection {
  std::string heading;             // may be empty
  std::vector<std::string> items;  // the required items that it answers
  std::vector<TemplateBlock> blocks;
};

struct Template {
  std::string language, file;
  std::vector<std::string> months;
  std::string day_format;                                     // "{month} {day}, {year}"
  std::string breach_span, breach_day, breach_since;          // "between {from} and {until}"
  std::array<std::string, exposure::kElementCount> elements;  // in plain words
  exposure::ElementSet neutral;  // what is named by `neutral_words` alone for somebody sensitive
  std::string neutral_words;
  std::map<Audience, std::string> salutation, addressee;
  std::string reference, page, unverified;  // "Letter number", "page {page} of {pages}"
  std::vector<TemplateSection> sections;

  std::string written(Day day) const;

  // The element words of a person, in the order of the contract: each category once, `sensitive`
  // ones only in neutral words.
  std::vector<std::string> words_of(exposure::ElementSet set, bool sensitive) const;
};

// kMalformed where it does not fit, or where a section names a placeholder that there is not.
Result<Template> load_template(const std::string& folder, const std::string& language);

// That for every audience each item of every rule is there, with what it needs, and that the facts
// have it. kRefused: "letters/es.yaml: the letter to a guardian lacks doing (45 CFR …)".
Status check_template(const Template& text, const std::vector<const Rule*>& rules,
                      const Facts& facts);

// The values of the placeholders that are the same in every letter of a language.
using Values = std::map<std::string, std::string, std::less<>>;
Values common_values(const Template& text, const Facts& facts);

// Puts the values into a text. kMalformed for a placeholder without one.
Result<std::string> filled(std::string_view text, const Values& values, std::string_view where);
std::vector<std::string> placeholders_of(std::string_view text);

}  // namespace bulkhead::notify
