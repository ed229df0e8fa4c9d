// The people of the labelled corpus: those of people.h, with what makes real files hard. Each is
// computed from the seed and the index alone.
#pragma once

#include <string>
#include <vector>

#include "generate/people.h"

namespace bulkhead::generate {

// What is wrong or unusual with somebody's data; one each at most.
enum class Quirk {
  kNone,
  kMisspelt,        // claims have one letter of the first name wrong
  kWrongBirthDate,  // claims have one digit of the birth date wrong
  kHyphenated,      // two last names, written with a hyphen, a blank, or run together
  kSeveralNumbers,  // up to five client numbers
  kSharedSsn,       // a number that many strangers carry
  kSpousesSsn,      // the wage earner's number, on two people
  kFillerSsn,       // 999999999
  kNoBirthDate,     // 1900-01-01
  kNewborn,         // BABY BOY before there is a name
  kInitial,         // claims have an initial instead of the first name
  kSuffixInName,    // claims have SMITH JR as the last name
};

struct Member {
  Person person;
  Quirk quirk = Quirk::kNone;
  std::vector<std::string> numbers;  // client numbers, the current one first
  std::string subscriber_number;     // of the family, with the commercial plan
  std::string other_insurer_number;  // their own, with another insurer
  std::string ssn;                   // as written; may be a filler
  bool ssn_counts = true;            // it is a value
  std::string email;

  std::string key() const;  // names this member in the truth
  // As claims and spreadsheets write them; enrolment writes them as they are.
  std::string claim_first() const;
  std::string claim_last(unsigned variant) const;
  std::string birth(std::string_view form) const;
  std::string claim_birth(std::string_view form) const;
  const std::string& number(unsigned variant) const { return numbers[variant % numbers.size()]; }
  char sex() const { return person.female ? 'F' : 'M'; }
};

struct CorpusOptions {
  std::string folder;           // created where it is missing
  std::uint64_t people = 1000;  // rounded up to whole families
  std::uint64_t seed = 1;
  unsigned claims_per_person = 2;
  std::string only;  // a folder of the corpus ("834"); empty: all of them
};

Member member_at(std::uint64_t index, std::uint64_t seed);
bool in_plan(const Member& member);  // the family has commercial insurance

}  // namespace bulkhead::generate
