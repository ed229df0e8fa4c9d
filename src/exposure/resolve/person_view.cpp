#include "exposure/resolve/person_view.h"

#include "exposure/detect/dates.h"

namespace bulkhead::exposure {
namespace {

void put_digits(char* to, unsigned count, int value) {
  for (char* at = to + count; at != to; value /= 10)
    *--at = static_cast<char>('0' + value % 10);
}

std::vector<std::string> owned_texts(const std::vector<std::string_view>& views) {
  return {views.begin(), views.end()};
}

}  // namespace

DateView::DateView(std::string_view written) : written_(written) {
  const auto date = parse_date(written);
  is_date_ = date.has_value();
  if (!date) return;
  counts_ = !is_placeholder(*date);
  put_digits(iso_, 4, date->year);
  iso_[4] = iso_[7] = '-';
  put_digits(iso_ + 5, 2, date->month);
  put_digits(iso_ + 8, 2, date->day);
}

void PersonView::clear() {
  id = address_status = minor_on = {};
  names.clear();
  dates_of_birth.clear();
  identifiers.clear();
  addresses.clear();
  phones.clear();
  emails.clear();
  related_to.clear();
  exposures.clear();
  evidence.clear();
  formerly.clear();
  from_roster = 0;
  enrolled_only = false;
  deceased = false;
  sensitive = 0;
  elements = possible = masked = {};
  confidence = 0;
}

Person owned(const PersonView& view) {
  Person person{.id = std::string(view.id),
                .role = view.role,
                .identifiable = view.identifiable,
                .address_status = std::string(view.address_status),
                .phones = owned_texts(view.phones),
                .emails = owned_texts(view.emails),
                .minor_on = std::string(view.minor_on),
                .deceased = view.deceased,
                .related_to = owned_texts(view.related_to),
                .sensitive = view.sensitive,
                .elements = view.elements,
                .possible = view.possible,
                .masked = view.masked,
                .formerly = owned_texts(view.formerly),
                .from_roster = view.from_roster};
  for (const NameView& name : view.names) {
    person.names.push_back({std::string(name.first), std::string(name.middle),
                            std::string(name.last), std::string(name.suffix)});
  }
  for (const DateView& date : view.dates_of_birth)
    person.dates_of_birth.emplace_back(date.text());
  for (const IdentifierView& id : view.identifiers) {
    person.identifiers.push_back(
        {.type = id.type, .value = std::string(id.value), .label = std::string(id.label)});
    for (const FlagWord& flag : kFlagWords) {
      if ((id.flags & flag.flag) != 0) person.identifiers.back().flags.emplace_back(flag.word);
    }
  }
  for (const AddressView& address : view.addresses) {
    person.addresses.push_back({.city = std::string(address.city),
                                .state = std::string(address.state),
                                .postal_code = std::string(address.postal_code)});
    for (const std::string_view line : address.lines) {
      if (!line.empty()) person.addresses.back().lines.emplace_back(line);
    }
  }
  for (const ExposureView& exposure : view.exposures) {
    person.exposures.push_back({.file = exposure.file,
                                .elements = exposure.elements,
                                .records = exposure.records,
                                .first_offset = exposure.first_offset,
                                .confidence = view.confidence});
    for (std::size_t i = exposure.evidence_from; i < exposure.evidence_to; ++i) {
      const EvidenceView& at = view.evidence[i];
      person.exposures.back().evidence.push_back(
          {at.place.element, at.place.offset, at.place.length, std::string(at.where)});
    }
  }
  return person;
}

void view_of(const Person& person, PersonView& view) {
  view.clear();
  view.id = person.id;
  view.role = person.role;
  view.identifiable = person.identifiable;
  for (const PersonName& name : person.names)
    view.names.push_back({name.first, name.middle, name.last, name.suffix});
  for (const std::string& date : person.dates_of_birth)
    view.dates_of_birth.emplace_back(date);
  for (const PersonIdentifier& id : person.identifiers) {
    view.identifiers.push_back({id.type, id.value, id.label});
    for (const FlagWord& flag : kFlagWords) {
      for (const std::string& word : id.flags)
        view.identifiers.back().flags |= word == flag.word ? flag.flag : 0;
    }
  }
  for (const PersonAddress& address : person.addresses) {
    view.addresses.push_back(
        {.city = address.city, .state = address.state, .postal_code = address.postal_code});
    for (std::size_t i = 0; i < address.lines.size() && i < 2; ++i)
      view.addresses.back().lines[i] = address.lines[i];
  }
  view.address_status = person.address_status;
  view.phones.assign(person.phones.begin(), person.phones.end());
  view.emails.assign(person.emails.begin(), person.emails.end());
  view.minor_on = person.minor_on;
  view.deceased = person.deceased;
  view.related_to.assign(person.related_to.begin(), person.related_to.end());
  view.sensitive = person.sensitive;
  view.elements = person.elements;
  view.possible = person.possible;
  view.masked = person.masked;
  view.from_roster = person.from_roster;
  view.formerly.assign(person.formerly.begin(), person.formerly.end());
  for (const FileExposure& exposure : person.exposures) {
    view.confidence = exposure.confidence;
    view.exposures.push_back({exposure.file, exposure.elements, exposure.records,
                              exposure.first_offset, view.evidence.size(), 0});
    for (const PersonEvidence& place : exposure.evidence) {
      view.evidence.push_back(
          {{place.offset, static_cast<std::uint32_t>(place.length), 0, place.element},
           place.where});
    }
    view.exposures.back().evidence_to = view.evidence.size();
  }
}

}  // namespace bulkhead::exposure
