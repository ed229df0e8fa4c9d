#include "notify/letters/recipients.h"

#include <fmt/format.h>

#include <algorithm>

#include "notify/letters/letter_number.h"

namespace bulkhead::notify {
namespace {

constexpr std::size_t kSharedMost = 20;  // children in one letter

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return result;
}

std::string full_name(const exposure::PersonName& name, bool with_middle) {
  std::string result;
  for (const std::string* part : {&name.first, &name.middle, &name.last, &name.suffix}) {
    if (part->empty() || (part == &name.middle && !with_middle)) continue;
    if (!result.empty()) result += ' ';
    result += *part;
  }
  return upper(result);
}

bool selects(const PersonSelector& who, const AffectedPerson& person) {
  if (!who.person.empty()) return who.person == person.id;
  const auto& births = person.dates_of_birth;
  if (std::find(births.begin(), births.end(), who.date_of_birth) == births.end()) return false;
  const std::string name = upper(who.name);
  return std::any_of(person.names.begin(), person.names.end(),
                     [&](const exposure::PersonName& one) {
                       return full_name(one, true) == name || full_name(one, false) == name;
                     });
}

}  // namespace

std::vector<std::string> mail_lines(const exposure::PersonAddress& address) {
  std::vector<std::string> lines = address.lines;
  std::string code = address.postal_code;
  const bool nine = code.size() == 9 && std::all_of(code.begin(), code.end(),
                                                    [](char c) { return c >= '0' && c <= '9'; });
  if (nine) code.insert(5, 1, '-');
  std::string last = address.city;
  if (!address.state.empty()) last += ", " + address.state;
  if (!code.empty()) last += ' ' + code;
  lines.push_back(std::move(last));
  return lines;
}

Recipients::Recipients(const Facts& facts, const Rules& rules, const Template& first_language,
                       Bytes number_key, const exposure::Corrections* corrections,
                       bool enrolled_only)
    : facts_(facts),
      rules_(rules),
      words_(first_language),
      number_key_(std::move(number_key)),
      corrected_(corrections, enrolled_only),
      enrolled_only_(enrolled_only) {}

bool Recipients::is_minor(const AffectedPerson& person) const {
  if (!person.minor) return false;
  if (!facts_.letter.date) return true;
  // Who has come of age since is an adult by every date of birth that is known.
  bool of_age = !person.dates_of_birth.empty();
  for (const std::string& text : person.dates_of_birth) {
    const auto birth = parse_day(text);
    of_age = of_age && birth && age_on(*birth, *facts_.letter.date) >= 18;
  }
  return !of_age;
}

std::uint32_t Recipients::rules_for(const AffectedPerson& person) const {
  std::uint32_t bits = 0;
  const std::string state = person.state();
  for (std::size_t i = 0; i < rules_.rules.size(); ++i) {
    const Rule& rule = rules_.rules[i];
    if (facts_.incident.encrypted && !rule.safe_harbour.empty()) continue;
    if (rule.covers(person.role, person.elements, state, facts_.organisation.kind)) bits |= 1U << i;
  }
  return bits;
}

const std::vector<std::string>* Recipients::protected_address(const std::string& id) const {
  // What people decided about this very incident comes before the facts.
  if (const auto* lines = corrected_.protected_lines(id)) return lines;
  const auto at = protected_.find(id);
  return at == protected_.end() ? nullptr : &at->second;
}

LetterPerson Recipients::letter_person(const AffectedPerson& person, std::uint32_t rules) const {
  return {.id = person.id,
          .name = person.display_name(),
          .elements = person.elements,
          .sensitive = person.sensitive,
          .role = person.role,
          .state = person.state(),
          .deceased = person.deceased,
          .rules = rules,
          .births = person.dates_of_birth,
          .called = person.spoken_names(),
          .formerly = person.formerly};
}

// A person of the roster must never be told, or counted, as if they had been in the files.
Status Recipients::check_basis(const AffectedPerson& person) const {
  if (person.enrolled_only == enrolled_only_) return {};
  return fail(ErrorCode::kInvalidArgument,
              enrolled_only_ ? "--roster-persons holds somebody whose data was in the files: give "
                               "what --roster-out wrote"
                             : "--persons holds somebody who is only on a roster: give that file "
                               "with --roster-persons");
}

Status Recipients::note_person(const AffectedPerson& person) {
  BH_CHECK(check_basis(person));
  BH_CHECK(corrected_.note(person));
  for (std::size_t i = 0; i < facts_.protected_addresses.size(); ++i) {
    const ProtectedAddress& entry = facts_.protected_addresses[i];
    if (!selects(entry.who, person)) continue;
    protected_.emplace(person.id, entry.lines);
    protected_seen_.insert(i);
  }
  for (std::size_t i = 0; i < facts_.in_state_custody.size(); ++i) {
    if (!selects(facts_.in_state_custody[i], person)) continue;
    custody_.insert(person.id);
    custody_seen_.insert(i);
  }
  const bool minor = is_minor(person);
  if (!minor && !person.deceased) return {};
  wanted_.insert(person.related_to.begin(), person.related_to.end());
  const std::uint32_t rules = rules_for(person);
  if (!minor || person.deceased || !person.named) return {};
  if (rules == 0 && !enrolled_only_) return {};
  Minor record{.who = letter_person(person, rules),
               .related_to = person.related_to,
               .rules = rules,
               .state = person.state()};
  if (const auto* address = person.mail_address()) record.own_address = mail_lines(*address);
  record.alone = why_not_set_ && !why_not_set_(record.who.name, {}).empty();
  if (!minors_.emplace(person.id, std::move(record)).second)
    return fail(ErrorCode::kMalformed, fmt::format("the person {} is there twice", person.id));
  return {};
}

std::string Recipients::why_not(const AffectedPerson& person, const Relative& relative) const {
  if (!person.named || relative.name.empty()) return "known by numbers only";
  if (person.deceased) return "deceased";
  if (is_minor(person)) return "a minor";
  if (relative.address.empty()) return "no address is known";
  return why_not_set_ ? why_not_set_(relative.name, relative.address) : "";
}

Status Recipients::note_relative(const AffectedPerson& person) {
  if (!wanted_.contains(person.id)) return {};
  Relative relative{.name = person.display_name(), .role = person.role};
  if (const auto* lines = protected_address(person.id)) {
    relative.address = *lines;
  } else if (const auto* address = person.mail_address()) {
    relative.address = mail_lines(*address);
  }
  relative.why_not = why_not(person, relative);
  relatives_.emplace(person.id, std::move(relative));
  return {};
}

// Who lives at the same address comes first, then guardians and next of kin, then the rest.
const std::pair<const std::string, Recipients::Relative>* Recipients::best_relative(
    const std::vector<std::string>& related, const std::vector<std::string>& own_address) const {
  const std::pair<const std::string, Relative>* best = nullptr;
  const auto rank = [&](const std::pair<const std::string, Relative>& one) {
    return std::tuple(one.second.address != own_address,
                      one.second.role != exposure::Role::kRelated, one.first);
  };
  for (const std::string& id : related) {
    const auto at = relatives_.find(id);
    if (at == relatives_.end() || !at->second.why_not.empty()) continue;
    if (best == nullptr || rank(*at) < rank(*best)) best = &*at;
  }
  return best;
}

void Recipients::group_minors() {
  for (const auto& [id, minor] : minors_) {
    if (protected_address(id) != nullptr || custody_.contains(id)) continue;
    if (corrected_.guardian(id) != nullptr) continue;
    const auto* guardian = best_relative(minor.related_to, minor.own_address);
    if (guardian == nullptr) continue;
    by_guardian_[guardian->first].push_back(id);
    guardian_of_.emplace(id, guardian->first);
  }
}

// Wards of one guardian share. One who cannot be written to is told when the ward's turn comes.
void Recipients::force_guardians() {
  for (const auto& [ward, guardian] : corrected_.guardians()) {
    const auto at = relatives_.find(guardian.person);
    const bool usable = at != relatives_.end() && at->second.why_not.empty();
    if (!usable || !minors_.contains(ward) || protected_address(ward) != nullptr) continue;
    by_guardian_[guardian.person].push_back(ward);
    guardian_of_.emplace(ward, guardian.person);
  }
}

Status Recipients::prepare(const std::string& persons_path) {
  BH_CHECK(for_each_person(persons_path,
                           [this](const AffectedPerson& person) { return note_person(person); }));
  BH_CHECK(corrected_.finish());
  for (const auto& [ward, guardian] : corrected_.guardians()) {
    if (!guardian.person.empty()) wanted_.insert(guardian.person);
  }
  if (!wanted_.empty()) {
    BH_CHECK(for_each_person(
        persons_path, [this](const AffectedPerson& person) { return note_relative(person); }));
  }
  wanted_.clear();
  force_guardians();
  group_minors();
  return {};
}

Result<Letter> Recipients::addressed(Letter letter, std::string addressee,
                                     std::vector<std::string> lines) {
  letter.addressee = std::move(addressee);
  letter.address = std::move(lines);
  std::string least = letter.about.front().id;
  for (const LetterPerson& person : letter.about)
    least = std::min(least, person.id);
  // Apart from those of the files: somebody may turn up in both.
  letter.number = letter_number(
      number_key_, facts_.incident.id + (letter.enrolled_only ? " enrolled" : ""), least);
  return letter;
}

// Whom a correction names; nothing where none does. kNotFound where that one cannot be written to:
// two people decided that it is nobody else.
Result<std::optional<Recipients::Destination>> Recipients::corrected_guardian(
    const std::string& id) {
  const CorrectedMail::Guardian* named = corrected_.guardian(id);
  if (named == nullptr) return std::nullopt;
  if (named->person.empty()) return Destination{named->addressee, named->lines};
  const auto at = relatives_.find(named->person);
  const std::string reason =
      at == relatives_.end() ? "is not in the persons file" : at->second.why_not;
  if (reason.empty()) return Destination{at->second.name, at->second.address};
  std::string sentence = fmt::format("correction {} names a guardian who cannot be written to: {}",
                                     named->correction, reason);
  warnings_.push_back(sentence + ": no letter is written in their stead");
  return fail(ErrorCode::kNotFound, std::move(sentence));
}

Result<Letter> Recipients::for_deceased(const AffectedPerson& person, Letter letter) {
  letter.audience = Audience::kRepresentative;
  BH_TRY(auto named, corrected_guardian(person.id));
  if (named)
    return addressed(std::move(letter), std::move(named->addressee), std::move(named->lines));
  const auto* relative = best_relative(person.related_to, {});
  if (relative == nullptr)
    return fail(ErrorCode::kNotFound,
                "deceased, and no representative or relative with an address is known");
  return addressed(std::move(letter), relative->second.name, relative->second.address);
}

Result<Letter> Recipients::for_minor(const AffectedPerson& person, Letter letter) {
  letter.audience = Audience::kGuardian;
  if (custody_.contains(person.id)) {
    const auto& agency = facts_.organisation.custody_agency_address;
    if (agency.size() < 2)
      return fail(ErrorCode::kNotFound,
                  "in state custody, and the facts name no custody_agency_address");
    letter.audience = Audience::kCustody;
    return addressed(std::move(letter), agency.front(), {agency.begin() + 1, agency.end()});
  }
  if (!guardian_of_.contains(person.id)) {
    BH_TRY(auto named, corrected_guardian(person.id));
    if (named)
      return addressed(std::move(letter), std::move(named->addressee), std::move(named->lines));
  }
  const auto guardian = guardian_of_.find(person.id);
  if (guardian == guardian_of_.end()) {
    const auto* own = person.mail_address();
    if (own == nullptr)
      return fail(ErrorCode::kNotFound, "a minor, and neither an address nor a guardian is known");
    BH_TRY(std::string addressee, filled(words_.addressee.at(Audience::kGuardian),
                                         {{"name", person.display_name()}}, words_.file));
    return addressed(std::move(letter), std::move(addressee), mail_lines(*own));
  }
  // Only minors with the same guardian share an envelope.
  for (const std::string& id : by_guardian_.at(guardian->second)) {
    if (id == person.id || letter.about.size() >= kSharedMost || enclosed_.contains(id)) continue;
    const Minor& sibling = minors_.at(id);
    if (sibling.alone || minors_.at(person.id).alone) continue;
    letter.about.push_back(sibling.who);
    letter.rules |= sibling.rules;
    enclosed_.insert(id);
  }
  enclosed_.insert(person.id);
  const Relative& relative = relatives_.at(guardian->second);
  return addressed(std::move(letter), relative.name, relative.address);
}

Result<Letter> Recipients::letter_for(const AffectedPerson& person, std::uint32_t rules) {
  Letter letter;
  letter.rules = rules;
  letter.enrolled_only = enrolled_only_;
  letter.state = person.state();
  letter.about.push_back(letter_person(person, rules));
  if (!person.named || letter.about.front().name.empty())
    return fail(ErrorCode::kNotFound, "known by numbers only: there is no name to write to");
  const auto* safe = protected_address(person.id);
  if (safe != nullptr) {
    // Stands above every file, and above every other way of this function.
    letter.audience = person.deceased    ? Audience::kRepresentative
                      : is_minor(person) ? Audience::kGuardian
                                         : Audience::kAdult;
    BH_TRY(std::string addressee, filled(words_.addressee.at(letter.audience),
                                         {{"name", person.display_name()}}, words_.file));
    return addressed(std::move(letter), std::move(addressee), *safe);
  }
  if (person.deceased) return for_deceased(person, std::move(letter));
  if (is_minor(person)) return for_minor(person, std::move(letter));
  BH_TRY(auto named, corrected_guardian(person.id));
  if (named) {  // of an adult
    letter.audience = Audience::kGuardian;
    return addressed(std::move(letter), std::move(named->addressee), std::move(named->lines));
  }
  const auto* address = person.mail_address();
  if (address == nullptr)
    return fail(ErrorCode::kNotFound, person.addresses.empty()
                                          ? "no address is known"
                                          : "the address lacks a street, a city, or state and "
                                            "postal code");
  return addressed(std::move(letter), person.display_name(), mail_lines(*address));
}

std::string Recipients::why_no_rule(const AffectedPerson& person) const {
  if (facts_.incident.encrypted)
    return "what left was encrypted and the key was elsewhere: no rule asks for a letter";
  const std::string state = person.state();
  const bool has_state_rule =
      std::any_of(rules_.rules.begin(), rules_.rules.end(),
                  [&](const Rule& rule) { return rule.jurisdiction == state; });
  return fmt::format(
      "no rule that is installed asks for a letter to this {}{}", exposure::to_string(person.role),
      has_state_rule ? ""
                     : fmt::format(" ({}: there is no rule for the state: {})",
                                   state.empty() ? "state unknown" : state, kUnverified));
}

void Recipients::count(const AffectedPerson& person, std::uint32_t rules, bool written,
                       Totals& totals) const {
  ++totals.persons;
  ++(written ? totals.persons_written_to : totals.persons_not_written);
  if (rules == 0) return;
  const std::string state = person.state();
  ++totals.by_state[state];
  totals.elements.add(person.elements);
  totals.sensitive = totals.sensitive || person.sensitive;
  for (std::size_t i = 0; i < rules_.rules.size(); ++i) {
    if ((rules >> i & 1U) == 0) continue;
    RuleCounts& counts = totals.by_rule[i];
    ++counts.persons;
    ++counts.residents[state];
    if (!written && !person.deceased) ++counts.without_address;
  }
}

Result<Totals> Recipients::write(const std::string& persons_path, const TakeLetter& take_letter,
                                 const TakeNotWritten& take_not_written) {
  Totals totals;
  totals.by_rule.resize(rules_.rules.size());
  BH_CHECK(for_each_person(persons_path, [&](const AffectedPerson& person) -> Status {
    const std::uint32_t rules = rules_for(person);
    if (enclosed_.contains(person.id)) {  // in a sibling's letter
      count(person, rules, true, totals);
      return {};
    }
    const bool nobody_asks = rules == 0 && !enrolled_only_;
    auto letter = nobody_asks ? Result<Letter>(fail(ErrorCode::kNotFound, why_no_rule(person)))
                              : letter_for(person, rules);
    if (!letter && letter.error().code != ErrorCode::kNotFound)
      return std::unexpected(letter.error());
    count(person, rules, letter.has_value(), totals);
    if (letter) {
      ++totals.letters;
      return take_letter(std::move(*letter));
    }
    return take_not_written({person.id, person.display_name(), person.state(), person.role,
                             person.elements, letter.error().message});
  }));
  if (enrolled_only_) return totals;  // facts and corrections are about the others, mostly
  const std::vector<std::string>& about_corrections = corrected_.warnings();
  totals.warnings.insert(totals.warnings.end(), about_corrections.begin(), about_corrections.end());
  totals.warnings.insert(totals.warnings.end(), warnings_.begin(), warnings_.end());
  for (std::size_t i = 0; i < facts_.protected_addresses.size(); ++i) {
    if (!protected_seen_.contains(i))
      totals.warnings.push_back(
          fmt::format("protected_addresses[{}] fits nobody in the persons file", i + 1));
  }
  for (std::size_t i = 0; i < facts_.in_state_custody.size(); ++i) {
    if (!custody_seen_.contains(i))
      totals.warnings.push_back(
          fmt::format("in_state_custody[{}] fits nobody in the persons file", i + 1));
  }
  return totals;
}

}  // namespace bulkhead::notify
