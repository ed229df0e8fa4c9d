#include "exposure/detect/header_dictionary.h"

#include <algorithm>

#include "base/ascii.h"
#include "exposure/detect/header_words.h"
#include "exposure/detect/values.h"
#include "exposure/index/person_table.h"

namespace bulkhead::exposure {
namespace {

std::vector<std::string_view> split(std::string_view words) {
  std::vector<std::string_view> list;
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    if (end != 0) list.push_back(words.substr(0, end));
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
  }
  return list;
}

void push_word(std::vector<std::string>& words, std::string& word) {
  if (word.empty()) return;
  const auto aliases = word_aliases();
  const auto alias = std::find_if(aliases.begin(), aliases.end(),
                                  [&](const WordAlias& a) { return a.written == word; });
  if (alias == aliases.end())
    words.push_back(word);
  else
    for (const std::string_view part : split(alias->meant))
      words.emplace_back(part);
  word.clear();
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text.push_back(' ');
    text += word;
  }
  return text;
}

// Takes the words that say whose column it is out of `words`.
void take_subject(std::vector<std::string>& words, HeaderMeaning& meaning) {
  bool found = false;
  HeaderSubject subject = HeaderSubject::kMain;
  std::vector<std::string> rest;
  for (const std::string& word : words) {
    const auto subjects = subject_words();
    const auto hit = std::find_if(subjects.begin(), subjects.end(),
                                  [&](const SubjectWord& s) { return s.word == word; });
    if (hit == subjects.end()) {
      rest.push_back(word);
      continue;
    }
    // "patient's guardian": the one further from the patient counts.
    if (!found || hit->subject > subject) subject = hit->subject;
    found = true;
  }
  meaning.subject = subject;
  meaning.says_subject = found;
  words = std::move(rest);
}

const HeaderPhrase* match_phrase(const std::vector<std::string>& words) {
  const std::string text = joined(words);
  for (const HeaderPhrase& phrase : header_phrases()) {
    if (phrase.fit == HeaderPhrase::kExactly) {
      if (phrase.words == text) return &phrase;
      continue;
    }
    const std::vector<std::string_view> wanted = split(phrase.words);
    if (std::all_of(wanted.begin(), wanted.end(),
                    [&](std::string_view w) { return contains(words, w); }))
      return &phrase;
  }
  return nullptr;
}

bool is_date_kind(FieldKind kind) {
  return kind == FieldKind::kBirthDate || kind == FieldKind::kDeathDate ||
         kind == FieldKind::kClaim || kind == FieldKind::kEligibility || kind == FieldKind::kNone;
}

// A number whose only name is "id" or "number", by whose it is.
void settle_bare_id(const std::vector<std::string>& words, std::string_view subject_word,
                    HeaderMeaning& meaning) {
  const std::string text = joined(words);
  if (text != "id" && text != "number" && text != "id number" && !text.empty()) return;
  if (!meaning.says_subject) return;
  meaning.known = true;
  meaning.generic = false;
  meaning.kind = FieldKind::kNone;
  if (meaning.subject == HeaderSubject::kProvider) {
    meaning.kind = FieldKind::kTreatingProvider;
    return;
  }
  if (meaning.subject != HeaderSubject::kMain && meaning.subject != HeaderSubject::kSubscriber)
    return;
  if (subject_word == "patient") {
    meaning.kind = text.empty() ? FieldKind::kPseudonym : FieldKind::kMedicalRecordNumber;
  } else if (subject_word == "person" || subject_word == "individual" ||
             subject_word == "customer" || subject_word == "employee" ||
             subject_word == "applicant" || subject_word == "student" ||
             subject_word == "dependent" || subject_word == "child" || subject_word == "claimant" ||
             subject_word == "resident" || subject_word == "voter" || subject_word == "consumer") {
    meaning.kind = FieldKind::kPseudonym;
  } else if (!text.empty()) {
    meaning.kind = FieldKind::kMemberId;
  } else {
    meaning.known = false;  // "Client" alone may be a name as well as a number
  }
}

// "CLNT_DCN", "Recipient DCN number": the programme's name among words that say no more than whose
// it is.
bool names_programme(const std::vector<std::string>& words, std::string_view programme) {
  bool named = false;
  for (const std::string& word : words) {
    if (Compact(word).view() == Compact(programme).view()) {
      named = true;
      continue;
    }
    const bool whose =
        word == "id" || word == "number" ||
        std::any_of(subject_words().begin(), subject_words().end(),
                    [&](const SubjectWord& subject) {
                      return subject.word == word && subject.subject == HeaderSubject::kMain;
                    });
    if (!whose) return false;
  }
  return named;
}

bool programme_meaning(std::string_view header, const Rules& rules, HeaderMeaning& meaning) {
  const Compact compact(header);
  const std::vector<std::string> words = header_words(header);
  for (const ProgrammeIdentifier& programme : rules.programmes) {
    const bool named = std::any_of(
        programme.headers.begin(), programme.headers.end(),
        [&](const std::string& name) { return Compact(name).view() == compact.view(); });
    if (!named && !names_programme(words, programme.name)) continue;
    meaning.known = meaning.says_subject = true;
    meaning.kind = programme.element == Element::kStateId ? FieldKind::kStateId
                   : programme.element == Element::kMedicalRecordNumber
                       ? FieldKind::kMedicalRecordNumber
                       : FieldKind::kMemberId;
    meaning.issuer = meaning.label = programme.name;
    return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> header_words(std::string_view header) {
  std::vector<std::string> words;
  std::string word;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const char c = header[i];
    const char before = i > 0 ? header[i - 1] : ' ';
    const char after = i + 1 < header.size() ? header[i + 1] : ' ';
    // "dateOfBirth", "SSNNumber": a capital after a small letter, or before one after capitals,
    // begins a word.
    const bool camel = is_upper(c) && (is_lower(before) || (is_upper(before) && is_lower(after)));
    if (camel || is_digit(c) != is_digit(before)) push_word(words, word);
    if (is_upper(c))
      word.push_back(static_cast<char>(c + 32));
    else if (is_lower(c) || is_digit(c))
      word.push_back(c);
    else if (static_cast<unsigned char>(c) >= 0x80)
      word.push_back(c);
    else if (c == '#') {
      push_word(words, word);
      words.emplace_back("number");
    } else if (c != '\'')
      push_word(words, word);
  }
  push_word(words, word);
  // "1st name"
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] != "1" || words[i + 1] != "st") continue;
    words[i] = "first";
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return words;
}

HeaderMeaning meaning_of(std::string_view header, const Rules& rules) {
  header = trimmed(header).substr(0, 128);
  HeaderMeaning meaning;
  meaning.header = std::string(header);
  meaning.label = meaning.header;
  if (header.empty() || programme_meaning(header, rules, meaning)) return meaning;
  std::vector<std::string> words = header_words(header);
  std::string digits;
  std::erase_if(words, [&](const std::string& word) {
    if (all_digits(word)) digits = word;
    return all_digits(word);
  });
  const std::string text = joined(words);
  for (const HeaderEntry& entry : header_entries()) {
    if (entry.words != text) continue;
    meaning.known = true;
    meaning.kind = entry.kind;
    meaning.subject = entry.subject;
    meaning.issuer = entry.issuer;
    meaning.says_subject = entry.subject == HeaderSubject::kMain;
    return meaning;
  }
  std::string subject_word;
  for (const std::string& word : words) {
    for (const SubjectWord& subject : subject_words()) {
      if (subject.word == word && subject_word.empty()) subject_word = word;
    }
  }
  const bool dated =
      contains(words, "date") || contains(words, "timestamp") || contains(words, "time");
  take_subject(words, meaning);
  std::erase_if(words, [](const std::string& w) {
    return w == "the" || w == "current" || w == "crnt" || w == "s";
  });
  if (const HeaderPhrase* phrase = match_phrase(words)) {
    meaning.known = true;
    meaning.kind = phrase->kind;
    meaning.generic = phrase->extra == HeaderPhrase::kGeneric && !meaning.says_subject;
    meaning.speciality = phrase->extra == HeaderPhrase::kSpeciality;
    if (phrase->extra == HeaderPhrase::kNotKey) meaning.flags = kFactNotAKey;
    // "MBI effective date" is a date, not an MBI.
    if (dated && !is_date_kind(meaning.kind)) meaning.kind = FieldKind::kNone;
    if (meaning.kind == FieldKind::kAddressLine1 && !digits.empty() && digits != "1")
      meaning.kind = FieldKind::kAddressLine2;
  }
  settle_bare_id(words, subject_word, meaning);
  return meaning;
}

FieldKind kind_of_file(std::string_view name_hint) {
  static constexpr std::pair<std::string_view, FieldKind> kNames[] = {
      {"condition", FieldKind::kDiagnosis},       {"diagnos", FieldKind::kDiagnosis},
      {"procedure", FieldKind::kProcedure},       {"medication", FieldKind::kPrescription},
      {"prescription", FieldKind::kPrescription}, {"observation", FieldKind::kClinical},
      {"allerg", FieldKind::kClinical},           {"careplan", FieldKind::kClinical},
      {"immunization", FieldKind::kClinical},     {"encounter", FieldKind::kClaim},
  };
  std::string lower(name_hint);
  for (char& c : lower)
    c = is_upper(c) ? static_cast<char>(c + 32) : c;
  for (const auto& [part, kind] : kNames) {
    if (lower.find(part) != std::string::npos) return kind;
  }
  return FieldKind::kNone;
}

}  // namespace bulkhead::exposure
