// What an officer states about an incident: facts.yaml. Everything else comes from persons.ndjson
// and from the rules.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "notify/input/dates.h"

namespace bulkhead::notify {

// One text for everybody, or one a language ("en", "es", "fr").
struct LocalText {
  std::string common;
  std::map<std::string, std::string, std::less<>> by_language;
  const std::string& in(std::string_view language) const;
  bool is_own_text_of(std::string_view language) const;
};

// Whom an entry of the facts means: by the id in persons.ndjson, or by name and date of birth.
struct PersonSelector {
  std::string person;
  std::string name;  // "MARY J JONES", compared without regard to case
  std::string date_of_birth;
};
struct ProtectedAddress {
  PersonSelector who;
  std::vector<std::string> lines;
};

enum class OrganisationKind { kCoveredEntity, kBusinessAssociate, kOther };
std::string_view to_string(OrganisationKind kind);  // "covered_entity"…

struct IncidentFacts {
  std::string id, title;
  LocalText what_happened, doing;
  Day breach_from{}, discovered{};
  std::optional<Day> breach_until;
  std::optional<Day> vendor_discovered;
  std::string time_zone, vendor;
  bool vendor_is_agent = false;  // what an agent knows, its principal knows
  std::optional<Day> law_enforcement_delay;
  bool encrypted = false;  // what left was encrypted, and the key was elsewhere

  // From when the days count: an agent's knowledge counts as the owner's.
  Day counted_from() const;
};

struct OrganisationFacts {
  std::string name;
  OrganisationKind kind = OrganisationKind::kCoveredEntity;
  std::string state;
  std::vector<std::string> return_address;
  std::string toll_free, toll_free_hours, email, website;
  std::vector<std::string> custody_agency_address;
};

struct LetterFacts {
  std::vector<std::string> languages{"en"};
  std::optional<Day> date;  // without it a letter carries none
  std::string signatory_name, signatory_title;
  bool large_print = false;
  bool monitoring_offered = false;
  LocalText monitoring;  // who offers it, for how long, how to enrol
};

struct Facts {
  IncidentFacts incident;
  OrganisationFacts organisation;
  std::vector<ProtectedAddress> protected_addresses;
  std::vector<PersonSelector> in_state_custody;
  LetterFacts letter;
  std::vector<std::string> warnings;  // sentences about keys and texts; no personal data
};

// Hostile input: bounded (see yaml.h), each error one sentence with file, line and key.
Result<Facts> parse_facts(std::string_view yaml, std::string_view name);

// [PO Box 1, Jefferson City, MO 65101] as it is written on an envelope: the last two on one line.
std::vector<std::string> envelope_lines(std::vector<std::string> lines);

}  // namespace bulkhead::notify
