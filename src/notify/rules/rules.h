// The rules: who must be told of what, by when, with which contents. They are YAML files that are
// installed with the product, each with what it was checked against and when; nothing of the law is
// in code. A rule, or a bureau's address, that nobody checked is marked unverified, and says so on
// everything that it touches.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "exposure/exposure.h"
#include "notify/input/facts.h"

namespace bulkhead::notify {

// What every document says that an unverified rule touches.
constexpr std::string_view kUnverified = "unverified, ask counsel";

struct Verified {
  std::optional<Day> on;  // nothing: unverified
  std::string against;
};

// What a notice must contain: the template's section for `item` must use each of `needs` and one of
// `needs_any` (placeholders of the letters).
struct ContentItem {
  std::string item, citation;
  std::vector<std::string> needs, needs_any;
};

// Which number of people decides whether something is owed.
enum class Counted {
  kPersons,         // everybody that the rule is about
  kWithoutAddress,  // of those, living people that cannot be written to
  kResidents,       // of one state, each state by itself
};

struct Obligation {
  std::string id, to, words, citation, document, document_template;
  std::vector<OrganisationKind> kinds;  // whose duty it is
  Counted counted = Counted::kPersons;
  std::uint64_t at_least = 1;  // people
  std::optional<std::uint64_t> at_most;
  std::optional<unsigned> days;             // calendar days after discovery, at the latest
  std::optional<unsigned> days_after_year;  // calendar days after the end of the year of discovery
  bool individuals = false;                 // the letters themselves
  bool media = false;                       // media.txt
  bool substitute = false;                  // web.html, or other means
  bool optional = false;                    // a way that is open, no duty
};

struct Rule {
  std::string id, title, citation, jurisdiction;  // "US", or a state such as "MO"
  Verified verified;
  std::vector<OrganisationKind> kinds;
  std::vector<exposure::Role> roles;
  exposure::ElementSet elements_any;  // at least one of these; empty: anything
  bool needs_name = false;            // a name must be among the elements
  std::string safe_harbour;           // what encryption means under it; empty: nothing
  std::string delay_citation;
  std::vector<ContentItem> content;
  std::vector<Obligation> obligations;

  // Whether it is about this person of this organisation (encryption aside).
  bool covers(exposure::Role role, exposure::ElementSet elements, std::string_view state,
              OrganisationKind kind) const;
};

struct Bureau {
  std::string name, phone, website;
  std::vector<std::string> address;
  Verified verified;
};

struct Rules {
  std::vector<Rule> rules;      // by file name
  std::vector<Bureau> bureaus;  // in the order of the file
  bool bureaus_verified() const;
};

// Reads FOLDER/rules/*.yaml and FOLDER/bureaus.yaml. A rule that lacks something is refused by
// name.
Result<Rules> load_rules(const std::string& folder);

}  // namespace bulkhead::notify
