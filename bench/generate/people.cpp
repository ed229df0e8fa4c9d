#include "generate/people.h"

#include <fmt/format.h>

#include <array>

namespace bulkhead::generate {
namespace {

constexpr std::array<std::string_view, 32> kWomen = {
    "MARY",     "PATRICIA", "LINDA",   "BARBARA", "ELIZA",    "JENNIFER", "MARIA",  "SUSAN",
    "MARGARET", "DOROTHY",  "LISA",    "NANCY",   "KAREN",    "BETTY",    "HELEN",  "SANDRA",
    "DONNA",    "CAROL",    "RUTH",    "SHARON",  "MICHELLE", "LAURA",    "SARAH",  "KIMBERLY",
    "DEBORAH",  "JESSICA",  "SHIRLEY", "CYNTHIA", "ANGELA",   "MELISSA",  "BRENDA", "AMY"};
constexpr std::array<std::string_view, 32> kMen = {
    "JAMES",  "ROBERT",      "MICHAEL", "WILLIAM", "DAVID",   "RICHARD", "CHARLES", "JOSEPH",
    "THOMAS", "CHRISTOPHER", "DANIEL",  "PAUL",    "MARK",    "DONALD",  "GEORGE",  "KENNETH",
    "STEVEN", "EDWARD",      "BRIAN",   "RONALD",  "ANTHONY", "KEVIN",   "JASON",   "MATTHEW",
    "GARY",   "TIMOTHY",     "JOSE",    "LARRY",   "JEFFREY", "FRANK",   "SCOTT",   "ERIC"};
constexpr std::array<std::string_view, 24> kStems = {
    "ABER",   "BRAN", "CALD", "DREW",  "ELLS", "FARN", "GRAY", "HOLT",
    "INGRAM", "JARR", "KEND", "LANG",  "MARL", "NORT", "OAK",  "PEMB",
    "QUIN",   "ROTH", "STAN", "THORN", "ULL",  "VANN", "WEST", "YARD"};
constexpr std::array<std::string_view, 16> kEndings = {
    "LEY",  "TON", "FIELD", "WOOD",  "MAN",  "SON",  "BERG", "WELL",
    "FORD", "HAM", "BY",    "WORTH", "DALE", "SHAW", "LAND", "MORE"};
constexpr std::array<std::string_view, 12> kStreets = {"MAIN ST", "OAK AVE", "ELM ST",   "MAPLE DR",
                                                       "2ND ST",  "PARK RD", "HIGH ST",  "CEDAR LN",
                                                       "LAKE RD", "HILL ST", "RIVER RD", "MILL ST"};
struct Town {
  std::string_view name;
  unsigned zip;
};
constexpr std::array<Town, 8> kTowns = {{{"ROLLA", 65401},
                                         {"COLUMBIA", 65201},
                                         {"JOPLIN", 64801},
                                         {"SEDALIA", 65301},
                                         {"HANNIBAL", 63401},
                                         {"SIKESTON", 63801},
                                         {"MOBERLY", 65270},
                                         {"NEOSHO", 64850}}};

constexpr std::uint64_t kLastNames = kStems.size() * kEndings.size();
constexpr std::uint64_t kBirthDays = 28 * 12 * 75;  // 1930 to 2004, the first 28 days of each month

// A different number below `range` for each index below it: `step` shares no factor with the ranges
// used here.
std::uint64_t spread(std::uint64_t index, std::uint64_t seed, std::uint64_t range) {
  constexpr std::uint64_t kStep = 1'000'003;
  return (index % range * kStep + seed % range) % range;
}

std::uint64_t scramble(std::uint64_t value) {  // SplitMix64, for what need not be unique
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

std::string last_name(std::uint64_t number) {
  number %= kLastNames;
  return fmt::format("{}{}", kStems[number / kEndings.size()], kEndings[number % kEndings.size()]);
}

// Everybody with one last name has another birth date (up to 25,200 of them), so that no two people
// can be taken for each other by accident: whoever shares a date does so on purpose.
void set_birth(Person& person, std::uint64_t number) {
  const std::uint64_t day = spread(number, 17, kBirthDays);
  person.birth_year = 1930 + static_cast<int>(day / (28 * 12));
  person.birth_month = 1 + static_cast<int>(day / 28 % 12);
  person.birth_day = 1 + static_cast<int>(day % 28);
}

}  // namespace

std::string Person::birth(std::string_view form) const {
  if (form == "CCYYMMDD") return fmt::format("{:04}{:02}{:02}", birth_year, birth_month, birth_day);
  return fmt::format("{:02}/{:02}/{:04}", birth_month, birth_day, birth_year);
}

Person person_at(std::uint64_t index, std::uint64_t seed) {
  Person person{.index = index,
                .family = index / kFamilySize,
                .place = static_cast<unsigned>(index % kFamilySize)};
  const std::uint64_t family = person.family;
  const std::uint64_t within_name = family / kLastNames * kFamilySize + person.place;
  const std::uint64_t random = scramble(seed * 1'000'000'007 + index);
  person.last = last_name(family + seed);
  person.female = person.place == 1 || (person.place >= 2 && (random & 1) != 0);
  const auto& names = person.female ? kWomen : kMen;
  person.first = names[(random >> 8) % 32];
  if ((random >> 16) % 3 == 0)
    person.middle = std::string(1, static_cast<char>('A' + (random >> 20) % 26));
  set_birth(person, within_name);
  const bool twins = family % 10 == 3;
  if (twins && person.place == 3) {
    set_birth(person, within_name - 1);
    const Person other = person_at(index - 1, seed);
    person.female = !other.female;  // so that the names differ too
    person.first = (person.female ? kWomen : kMen)[(random >> 8) % 32];
  }
  const bool namesakes = family % 20 == 5 && (person.place == 0 || person.place == 2);
  if (namesakes) {
    person.female = false;
    person.first = kMen[family % 32];
    person.middle.clear();
    person.suffix = person.place == 0 ? "SR" : "JR";
  }
  if (person.place == 1 && family % 12 == 7)
    person.former_last = last_name(family + seed + 101) + "SKI";  // nobody else has such a name
  const std::uint64_t number = spread(index, seed * 31, 560ULL * 99 * 9999);
  person.ssn = fmt::format("{:03}{:02}{:04}", 100 + number % 560, 1 + number / 560 % 99,
                           1 + number / 55'440);
  person.dcn = fmt::format("{:08}", 10'000'000 + spread(index, seed * 37, 90'000'000));
  person.case_number = fmt::format("C{:08}", spread(family, seed * 41, 90'000'000));
  const std::uint64_t home = scramble(seed * 1'000'000'009 + family);
  const Town& town = kTowns[(home >> 8) % kTowns.size()];
  person.street =
      fmt::format("{} {}", 1 + (home >> 16) % 9000, kStreets[(home >> 32) % kStreets.size()]);
  person.city = town.name;
  person.state = "MO";
  person.zip = fmt::format("{:05}", town.zip);
  if (home % 4 != 0) person.phone = fmt::format("573555{:04}", (home >> 40) % 10'000);
  // Each is in one file at least: 5 to 7 in all three, 0 in the first two, 1 in the last two, 2 to
  // 4 in one.
  const std::uint64_t files = (random >> 32) % 8;
  person.in_834 = files == 0 || files >= 4;
  person.in_837 = files <= 2 || files >= 5;
  person.in_csv = files == 1 || files == 3 || files >= 5;
  person.claims_under_parent = family % 5 == 1 && person.place >= 2;
  person.has_guardian = family % 7 == 2 && person.place == 3 && person.in_834;
  return person;
}

Doctor doctor_at(std::uint64_t index) {
  const std::uint64_t which = index % 50;
  const std::string body = fmt::format("1{:08}", 20'000'000 + which * 7919);
  int sum = 24;  // the prefix 80840 of the check
  for (std::size_t i = 0; i < 9; ++i) {
    int digit = body[i] - '0';
    if (i % 2 == 0) digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
    sum += digit;
  }
  return {.first = std::string(kMen[which % 32]),
          .last = last_name(which * 7 + 3) + "MD",
          .npi = body + static_cast<char>('0' + (10 - sum % 10) % 10)};
}

Person guardian_of(const Person& child) {
  Person guardian = child;
  guardian.first = "WILHELMINA";
  guardian.middle.clear();
  guardian.suffix.clear();
  guardian.last = child.last + "GUARD";
  guardian.phone = fmt::format("573556{:04}", child.index % 10'000);
  return guardian;
}

}  // namespace bulkhead::generate
