#include "notify/review/correction_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/utf8.h"

namespace bulkhead::review {
namespace {

using exposure::Correction;
using exposure::CorrectionKind;

constexpr std::size_t kPersonsMost = 1000;
constexpr std::size_t kPlacesMost = 10'000;
constexpr std::size_t kLinesMost = 2;  // of a street
constexpr std::size_t kAddressBytesMost = 200;

Status read_places(const JsonObject& line, std::string_view key,
                   std::vector<exposure::CorrectionPlace>& places) {
  return line.each(key, [&](const JsonObject& one) -> Status {
    exposure::CorrectionPlace place;
    BH_TRY(place.file, one.text("file"));
    if (one.has("offset")) {
      BH_TRY(place.offset, one.number("offset"));
    }
    places.push_back(std::move(place));
    return {};
  });
}

Status read_address(const JsonObject& line, Correction& correction) {
  BH_TRY(const std::optional<JsonObject> address, line.object("address"));
  if (!address) return {};
  BH_TRY(correction.address.lines, address->texts("lines"));
  BH_TRY(correction.address.city, address->text("city"));
  BH_TRY(correction.address.state, address->text("state"));
  BH_TRY(correction.address.postal_code, address->text("postal_code"));
  return {};
}

Result<Correction> read_correction(const JsonObject& line, std::string_view what) {
  Correction correction;
  const auto kind = exposure::correction_kind_from(what);
  if (!kind) return line.wrong("do: is nothing that this release knows");
  correction.kind = *kind;
  const auto take_person = [&](const JsonObject& one) -> Status {
    exposure::CorrectedPerson person;
    BH_TRY(person.person, one.text("person"));
    BH_CHECK(read_places(one, "places", person.places));
    correction.persons.push_back(std::move(person));
    return {};
  };
  BH_CHECK(line.each("persons", take_person));
  BH_CHECK(read_places(line, "others", correction.others));
  BH_TRY(const std::vector<std::string> words, line.texts("elements"));
  for (const std::string& word : words) {
    const auto element = exposure::element_from(word);
    if (!element) return line.wrong("elements: one that this release does not know");
    correction.elements.add(*element);
  }
  BH_TRY(correction.file, line.text_or("file", ""));
  BH_TRY(correction.addressee, line.text_or("addressee", ""));
  if (line.has("deceased")) {
    BH_TRY(correction.deceased, line.truth("deceased"));
  }
  BH_CHECK(read_address(line, correction));
  return correction;
}

void write_places(JsonWriter& json, std::string_view key,
                  const std::vector<exposure::CorrectionPlace>& places) {
  json.key(key);
  json.begin_array();
  for (const exposure::CorrectionPlace& place : places) {
    json.begin_object();
    json.member("file", place.file);
    if (place.offset) json.member("offset", *place.offset);
    json.end_object();
  }
  json.end_array();
}

void write_address(JsonWriter& json, const exposure::CorrectedAddress& address) {
  json.key("address");
  json.begin_object();
  json.key("lines");
  json.begin_array();
  for (const std::string& line : address.lines)
    json.value(line);
  json.end_array();
  json.member("city", address.city);
  json.member("state", address.state);
  json.member("postal_code", address.postal_code);
  json.end_object();
}

std::unexpected<Error> senseless(std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, std::string(what));
}

Status check_address(const exposure::CorrectedAddress& address) {
  if (address.lines.empty() || address.lines.size() > kLinesMost)
    return senseless("an address needs one or two lines of a street");
  if (address.city.empty() || (address.state.empty() && address.postal_code.empty()))
    return senseless("an address needs a city, and a state or a postal code");
  std::vector<std::string> parts = address.lines;
  parts.insert(parts.end(), {address.city, address.state, address.postal_code});
  for (const std::string& part : parts) {
    if (!is_text(part, kAddressBytesMost))
      return senseless("a line of the address is no plain text");
  }
  for (const std::string& line : address.lines) {
    if (line.empty()) return senseless("a line of the address is empty");
  }
  return {};
}

Status check_persons(const Correction& correction) {
  const std::size_t count = correction.persons.size();
  const bool merges = correction.kind == CorrectionKind::kMerge;
  const bool guards = correction.kind == CorrectionKind::kGuardian;
  if (count == 0 || count > kPersonsMost) return senseless("it has to name a person");
  if (merges && count < 2) return senseless("a merge needs two persons or more");
  if (!merges && count > (guards ? 2U : 1U)) return senseless("it is about one person");
  for (std::size_t i = 0; i < count; ++i) {
    const exposure::CorrectedPerson& person = correction.persons[i];
    if (!is_person_id(person.person))
      return senseless("persons are named by their whole id, such as p-7c31…");
    if (person.places.size() > kPlacesMost) return senseless("a person stands in too many files");
    for (std::size_t j = 0; j < i; ++j) {
      if (correction.persons[j].person == person.person)
        return senseless("a person is named twice");
    }
  }
  return {};
}

}  // namespace

bool is_person_id(std::string_view id) {
  return id.size() == 34 && id.starts_with("p-") &&
         std::all_of(id.begin() + 2, id.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Status check_who_and_why(std::string_view by, std::string_view why) {
  if (by.empty() || !is_text(by, 200)) return senseless("say who you are: --by NAME");
  if (why.empty() || !is_text(why, 2000)) return senseless("say why: --why TEXT");
  return {};
}

Status check_correction(const Correction& correction) {
  BH_CHECK(check_persons(correction));
  switch (correction.kind) {
    case CorrectionKind::kMerge:
    case CorrectionKind::kExclude:
    case CorrectionKind::kDeceased:
      return {};
    case CorrectionKind::kSplit:
      if (correction.others.empty() || correction.others.size() > kPlacesMost)
        return senseless("a split needs the places of the other person's records");
      return {};
    case CorrectionKind::kAddElement:
    case CorrectionKind::kRemoveElement:
      return correction.elements.empty() ? senseless("it has to name an element") : Status();
    case CorrectionKind::kAddress:
    case CorrectionKind::kProtectedAddress:
      return check_address(correction.address);
    case CorrectionKind::kGuardian:
      if (correction.persons.size() == 2) return {};
      if (correction.addressee.empty() || !is_text(correction.addressee, kAddressBytesMost))
        return senseless("a guardian is a person of the result, or a name with an address");
      return check_address(correction.address);
  }
  return {};
}

Result<CorrectionEntry> read_entry(const JsonObject& line, std::uint64_t number) {
  CorrectionEntry entry;
  BH_TRY(entry.at, line.text("at"));
  BH_TRY(entry.by, line.text("by"));
  BH_TRY(entry.why, line.text("why"));
  BH_TRY(const std::string what, line.text("do"));
  if (what == "confirm" || what == "withdraw") {
    entry.what = what == "confirm" ? CorrectionEntry::What::kConfirmation
                                   : CorrectionEntry::What::kWithdrawal;
    BH_TRY(entry.of, line.number("of"));
    return entry;
  }
  BH_TRY(entry.correction, read_correction(line, what));
  entry.correction.number = number;
  const Status sense = check_correction(entry.correction);
  if (!sense) return line.wrong(sense.error().message);
  return entry;
}

void write_correction(JsonWriter& json, const Correction& correction) {
  json.member("do", to_string(correction.kind));
  json.key("persons");
  json.begin_array();
  for (const exposure::CorrectedPerson& person : correction.persons) {
    json.begin_object();
    json.member("person", person.person);
    write_places(json, "places", person.places);
    json.end_object();
  }
  json.end_array();
  if (!correction.others.empty()) write_places(json, "others", correction.others);
  if (!correction.elements.empty()) {
    json.key("elements");
    json.begin_array();
    for (std::size_t e = 0; e < exposure::kElementCount; ++e) {
      const auto element = static_cast<exposure::Element>(e);
      if (correction.elements.has(element)) json.value(exposure::to_string(element));
    }
    json.end_array();
  }
  if (!correction.file.empty()) json.member("file", correction.file);
  if (!correction.addressee.empty()) json.member("addressee", correction.addressee);
  if (correction.kind == CorrectionKind::kDeceased) json.member("deceased", correction.deceased);
  if (!correction.address.lines.empty()) write_address(json, correction.address);
}

}  // namespace bulkhead::review
