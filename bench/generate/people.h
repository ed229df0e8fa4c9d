// People who do not exist, each computed from the seed and their index alone: any number of them,
// in any order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::generate {

struct Person {
  std::uint64_t index = 0;
  std::uint64_t family = 0;
  unsigned place = 0;  // in the family: 0 and 1 parents, 2 and 3 children
  std::string first, middle, last, suffix;
  std::string former_last;  // not empty: married, and known by this name before
  int birth_year = 0, birth_month = 0, birth_day = 0;
  bool female = false;
  std::string dcn;  // eight digits, the programme's number
  std::string ssn;
  std::string case_number;  // the family's
  std::string street, city, state, zip, phone;
  bool in_834 = false, in_837 = false, in_csv = false;
  bool claims_under_parent = false;  // in the 837 as a dependent of place 0
  bool has_guardian = false;

  std::string birth(std::string_view form) const;  // "CCYYMMDD" or "MM/DD/CCYY"
};

struct Doctor {
  std::string first, last, npi;
};

constexpr unsigned kFamilySize = 4;

Person person_at(std::uint64_t index, std::uint64_t seed);
Doctor doctor_at(std::uint64_t index);
Person guardian_of(const Person& child);  // only names, address and phone

}  // namespace bulkhead::generate
