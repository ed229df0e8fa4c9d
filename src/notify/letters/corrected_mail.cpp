#include "notify/letters/corrected_mail.h"

#include <fmt/format.h>

#include <algorithm>

#include "notify/letters/recipients.h"

namespace bulkhead::notify {
namespace {

using exposure::Correction;
using exposure::CorrectionKind;

std::unexpected<Error> made_without(const Correction& correction) {
  return fail(
      ErrorCode::kRefused,
      fmt::format("the persons file was made without correction {} ({}): make it again with "
                  "--corrections",
                  correction.number, exposure::to_string(correction.kind)));
}

bool is_about_mail(const Correction& correction) {
  return correction.kind == CorrectionKind::kProtectedAddress ||
         correction.kind == CorrectionKind::kGuardian;
}

}  // namespace

std::vector<std::string> mail_lines(const exposure::CorrectedAddress& address) {
  return mail_lines(
      exposure::PersonAddress{address.lines, address.city, address.state, address.postal_code});
}

CorrectedMail::CorrectedMail(const exposure::Corrections* corrections, bool enrolled_only)
    : enrolled_only_(enrolled_only) {
  if (corrections == nullptr) return;
  bool split = false;
  for (const Correction& correction : corrections->in_force) {
    const std::size_t number = list_.size();
    list_.push_back(&correction);
    by_person_.emplace(correction.persons.front().person, number);
    split = split || correction.kind == CorrectionKind::kSplit;
    for (const exposure::CorrectedPerson& person : correction.persons)
      by_any_.emplace(person.person, number);
  }
  if (corrections->waiting > 0)
    warnings_.push_back(
        fmt::format("{} corrections wait for a second person: what they say is not in the letters",
                    corrections->waiting));
  // Who was merged may have been told apart again.
  if (split)
    std::erase_if(by_any_, [&](const auto& one) {
      return list_[one.second]->kind == CorrectionKind::kMerge;
    });
}

// What a persons file that was made with this correction cannot say. A roster is as it was: who was
// excluded from the files may be enrolled none the less.
Status CorrectedMail::check(const Correction& correction, const AffectedPerson& person) const {
  if (enrolled_only_) return {};
  const std::string& id = correction.persons.front().person;
  const auto later = [&](CorrectionKind kind) {
    return std::any_of(list_.begin(), list_.end(), [&](const Correction* one) {
      const auto names = [&](const exposure::CorrectedPerson& each) { return each.person == id; };
      return one->number > correction.number && one->kind == kind &&
             std::any_of(one->persons.begin(), one->persons.end(), names);
    });
  };
  switch (correction.kind) {
    case CorrectionKind::kExclude:
      // A former id may also lead to who was split off before.
      return person.id == correction.persons.front().person ? made_without(correction) : Status();
    case CorrectionKind::kDeceased:
      if (person.id != correction.persons.front().person || later(CorrectionKind::kDeceased))
        return {};
      return person.deceased == correction.deceased ? Status() : made_without(correction);
    case CorrectionKind::kRemoveElement: {
      const bool still = (person.elements.bits() & correction.elements.bits()) != 0;
      const bool excused = later(CorrectionKind::kAddElement) || later(CorrectionKind::kMerge);
      return person.id == correction.persons.front().person && still && !excused
                 ? made_without(correction)
                 : Status();
    }
    default:
      return {};
  }
}

Status CorrectedMail::note(const AffectedPerson& person) {
  if (list_.empty()) return {};
  std::vector<std::string> ids = person.formerly;
  ids.push_back(person.id);
  std::vector<std::size_t> about, any;
  for (const std::string& id : ids) {
    for (auto [at, end] = by_person_.equal_range(id); at != end; ++at)
      about.push_back(at->second);
    for (auto [at, end] = by_any_.equal_range(id); at != end; ++at)
      any.push_back(at->second);
  }
  std::sort(about.begin(), about.end());  // the later one holds
  for (const std::size_t number : about) {
    const Correction& correction = *list_[number];
    seen_.insert(number);
    BH_CHECK(check(correction, person));
    if (correction.kind == CorrectionKind::kProtectedAddress)
      protected_[person.id] = mail_lines(correction.address);
    if (correction.kind == CorrectionKind::kGuardian) wards_[number] = person.id;
  }
  for (const std::size_t number : any) {
    const Correction& correction = *list_[number];
    const bool first = std::find(about.begin(), about.end(), number) != about.end();
    if (correction.kind == CorrectionKind::kMerge) merged_[number].insert(person.id);
    if (correction.kind == CorrectionKind::kGuardian && !first)
      guardian_persons_[number] = person.id;
  }
  return {};
}

Status CorrectedMail::finish() {
  for (const auto& [number, persons] : merged_) {
    if (persons.size() > 1 && !enrolled_only_) return made_without(*list_[number]);
  }
  for (std::size_t number = 0; number < list_.size(); ++number) {
    const Correction& correction = *list_[number];
    if (!is_about_mail(correction)) continue;
    if (!seen_.contains(number))
      warnings_.push_back(fmt::format("correction {} ({}) fits nobody in the persons file",
                                      correction.number, exposure::to_string(correction.kind)));
  }
  for (const auto& [number, ward] : wards_) {
    const Correction& correction = *list_[number];
    CorrectedMail::Guardian& guardian = guardians_[ward];
    guardian = {.correction = correction.number};
    if (correction.persons.size() < 2) {
      guardian.addressee = correction.addressee;
      guardian.lines = mail_lines(correction.address);
    } else {
      const auto at = guardian_persons_.find(number);
      guardian.person = at != guardian_persons_.end() ? at->second : correction.persons[1].person;
    }
  }
  return {};
}

const std::vector<std::string>* CorrectedMail::protected_lines(const std::string& id) const {
  const auto at = protected_.find(id);
  return at == protected_.end() ? nullptr : &at->second;
}

const CorrectedMail::Guardian* CorrectedMail::guardian(const std::string& id) const {
  const auto at = guardians_.find(id);
  return at == guardians_.end() ? nullptr : &at->second;
}

}  // namespace bulkhead::notify
