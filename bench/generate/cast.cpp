#include "generate/cast.h"

#include <fmt/format.h>

#include <array>

namespace bulkhead::generate {
namespace {

// Valid in form, and carried by many: what programs write that must write something.
constexpr std::array<std::string_view, 4> kSharedSsns = {"111002330", "333224444", "555667777",
                                                         "400401234"};

std::uint64_t scrambled(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

struct Share {
  unsigned below;  // of a thousand
  Quirk quirk;
};
constexpr Share kShares[] = {
    {20, Quirk::kMisspelt},       {40, Quirk::kWrongBirthDate}, {65, Quirk::kHyphenated},
    {85, Quirk::kSeveralNumbers}, {105, Quirk::kSharedSsn},     {120, Quirk::kSpousesSsn},
    {140, Quirk::kFillerSsn},     {150, Quirk::kNoBirthDate},   {165, Quirk::kNewborn},
    {180, Quirk::kInitial},       {190, Quirk::kSuffixInName},
};

Quirk quirk_of(const Person& person, std::uint64_t random) {
  const unsigned number = static_cast<unsigned>(random % 1000);
  for (const Share& share : kShares) {
    if (number >= share.below) continue;
    // Who is told from a relative by name, suffix or number only is no place for a further quirk.
    const bool plan = person.family % 3 == 0;
    if (plan && share.quirk == Quirk::kNoBirthDate) return Quirk::kNone;
    // The plan's files call them by the right name; only the state's own say that both are one.
    if (plan && !person.in_834 && !person.in_csv) return Quirk::kNone;
    const bool delicate =
        !person.suffix.empty() || !person.former_last.empty() || person.has_guardian;
    if (delicate) return Quirk::kNone;
    if (share.quirk == Quirk::kNewborn && person.place < 2) return Quirk::kNone;
    if (share.quirk == Quirk::kSpousesSsn && person.place != 1) return Quirk::kNone;
    return share.quirk;
  }
  return Quirk::kNone;
}

std::string written(int year, int month, int day, std::string_view form) {
  if (form == "CCYYMMDD") return fmt::format("{:04}{:02}{:02}", year, month, day);
  if (form == "CCYY-MM-DD") return fmt::format("{:04}-{:02}-{:02}", year, month, day);
  return fmt::format("{:02}/{:02}/{:04}", month, day, year);
}

}  // namespace

std::string Member::key() const {
  return fmt::format("m{}", person.index);
}

std::string Member::claim_first() const {
  if (quirk == Quirk::kNewborn) return person.female ? "BABY GIRL" : "BABY BOY";
  if (quirk == Quirk::kInitial) return person.first.substr(0, 1);
  if (quirk != Quirk::kMisspelt || person.first.size() < 5) return person.first;
  std::string first = person.first;
  first[3] = first[3] == 'E' ? 'A' : 'E';
  return first;
}

std::string Member::claim_last(unsigned variant) const {
  std::string last = person.last;
  if (quirk == Quirk::kSuffixInName) return last + " JR";
  if (quirk != Quirk::kHyphenated) return last;
  const std::size_t hyphen = last.find('-');
  if (variant % 3 == 1) last[hyphen] = ' ';
  if (variant % 3 == 2) last.erase(hyphen, 1);
  return last;
}

std::string Member::birth(std::string_view form) const {
  if (quirk == Quirk::kNoBirthDate) return written(1900, 1, 1, form);
  return written(person.birth_year, person.birth_month, person.birth_day, form);
}

std::string Member::claim_birth(std::string_view form) const {
  if (quirk != Quirk::kWrongBirthDate) return birth(form);
  const int day =
      person.birth_day >= 19 ? person.birth_day - 10 : person.birth_day + 10;  // days go up to 28
  return written(person.birth_year, person.birth_month, day, form);
}

Member member_at(std::uint64_t index, std::uint64_t seed) {
  Member member{.person = person_at(index, seed)};
  Person& person = member.person;
  const std::uint64_t random = scrambled(seed * 7'919 + index * 2'654'435'761ULL);
  member.quirk = quirk_of(person, random);
  if (member.quirk == Quirk::kHyphenated)
    person.last += "-" + std::string(person.female ? "HALVORSEN" : "OKONKWO");
  if (member.quirk == Quirk::kSuffixInName) {
    person.suffix = "JR";
    person.middle.clear();
  }
  member.numbers.push_back(person.dcn);
  if (member.quirk == Quirk::kSeveralNumbers) {
    // Numbers that nobody else has: current ones start at 10,000,000.
    for (unsigned i = 0; i < 1 + (random >> 12) % 4; ++i)
      member.numbers.push_back(fmt::format("0{:07}", (index * 4 + i) % 10'000'000));
  }
  member.subscriber_number = fmt::format("GHP{:09}", person.family * 7 + seed % 7);
  member.other_insurer_number = fmt::format("SM{:010}", index * 3 + seed % 3);
  member.ssn = person.ssn;
  if (member.quirk == Quirk::kSharedSsn)
    member.ssn = kSharedSsns[(random >> 20) % kSharedSsns.size()];
  if (member.quirk == Quirk::kSpousesSsn) member.ssn = person_at(index - 1, seed).ssn;
  if (member.quirk == Quirk::kFillerSsn) {
    member.ssn = (random >> 24) % 2 == 0 ? "999999999" : "000000000";
    member.ssn_counts = false;
  }
  if ((random >> 30) % 2 == 0) {
    member.email = fmt::format("{}.{}{}@example.org", person.first, person.last, index);
    for (char& c : member.email)
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return member;
}

bool in_plan(const Member& member) {
  return member.person.family % 3 == 0;
}

}  // namespace bulkhead::generate
