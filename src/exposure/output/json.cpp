// persons.ndjson and summary.json.
#include <algorithm>

#include "base/json_writer.h"
#include "exposure/exposure.h"
#include "exposure/output/writers.h"

namespace bulkhead::exposure {
namespace {

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name);
  json.begin_array();
  for (const std::string& text : texts)
    json.value(text);
  json.end_array();
}

// By name, as the contract shows them.
std::vector<std::string_view> words(ElementSet set) {
  std::vector<std::string_view> list;
  for (std::size_t e = 0; e < kElementCount; ++e) {
    if (set.has(static_cast<Element>(e))) list.push_back(to_string(static_cast<Element>(e)));
  }
  std::sort(list.begin(), list.end());
  return list;
}

void write_elements(JsonWriter& json, std::string_view name, ElementSet set) {
  json.key(name);
  json.begin_array();
  for (const std::string_view word : words(set))
    json.value(word);
  json.end_array();
}

void write_sensitive(JsonWriter& json, SensitivitySet set) {
  static constexpr std::pair<Sensitivity, std::string_view> kWords[] = {
      {Sensitivity::kSubstanceUse, "substance_use"},
      {Sensitivity::kMentalHealth, "mental_health"},
      {Sensitivity::kHiv, "hiv"},
      {Sensitivity::kReproductive, "reproductive"}};
  json.key("sensitive");
  json.begin_array();
  for (const auto& [flag, word] : kWords) {
    if ((set & static_cast<SensitivitySet>(flag)) != 0) json.value(word);
  }
  json.end_array();
}

void write_who(JsonWriter& json, const Person& person) {
  json.key("names");
  json.begin_array();
  for (const PersonName& name : person.names) {
    json.begin_object();
    json.member("first", name.first);
    json.member("middle", name.middle);
    json.member("last", name.last);
    json.member("suffix", name.suffix);
    json.end_object();
  }
  json.end_array();
  write_list(json, "dates_of_birth", person.dates_of_birth);
  json.key("identifiers");
  json.begin_array();
  for (const PersonIdentifier& identifier : person.identifiers) {
    json.begin_object();
    json.member("type", to_string(identifier.type));
    json.member("value", identifier.value);
    if (!identifier.label.empty()) json.member("label", identifier.label);
    if (!identifier.flags.empty()) write_list(json, "flags", identifier.flags);
    json.end_object();
  }
  json.end_array();
  json.key("addresses");
  json.begin_array();
  for (const PersonAddress& address : person.addresses) {
    json.begin_object();
    write_list(json, "lines", address.lines);
    json.member("city", address.city);
    json.member("state", address.state);
    json.member("postal_code", address.postal_code);
    json.end_object();
  }
  json.end_array();
  json.member("address_status", person.address_status);
  write_list(json, "phones", person.phones);
  write_list(json, "emails", person.emails);
}

void write_exposure(JsonWriter& json, const Exposure& exposure, const FileExposure& place) {
  const FileSummary& file = exposure.files[place.file];
  json.begin_object();
  json.member("file", file.file);
  json.member("format", file.report.format);
  write_elements(json, "elements", place.elements);
  json.member("records", place.records);
  json.member("first_offset", place.first_offset);
  json.member("confidence", place.confidence);
  json.key("evidence");
  json.begin_array();
  for (const PersonEvidence& evidence : place.evidence) {
    json.begin_object();
    json.member("element", to_string(evidence.element));
    json.member("offset", evidence.offset);
    json.member("length", evidence.length);
    json.member("where", evidence.where);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_person(JsonWriter& json, const Exposure& exposure, const Person& person) {
  json.begin_object();
  json.member("person", person.id);
  json.member("role", to_string(person.role));
  json.member("identifiable", to_string(person.identifiable));
  write_who(json, person);
  json.key("minor_on");
  if (person.minor_on.empty())
    json.null();
  else
    json.value(person.minor_on);
  json.member("deceased", person.deceased);
  write_list(json, "related_to", person.related_to);
  write_sensitive(json, person.sensitive);
  write_elements(json, "elements", person.elements);
  write_elements(json, "possible", person.possible);
  write_elements(json, "masked", person.masked);
  json.key("exposures");
  json.begin_array();
  for (const FileExposure& place : person.exposures)
    write_exposure(json, exposure, place);
  json.end_array();
  json.end_object();
}

void write_file(JsonWriter& json, const FileSummary& file) {
  json.begin_object();
  json.member("file", file.file);
  json.member("format", file.report.format);
  json.member("recognised_by", file.report.recognised_by);
  json.member("read", file.report.read);
  json.member("records", file.report.records);
  json.member("anonymous_records", file.report.anonymous_records);
  json.key("persons");
  json.begin_object();
  for (std::size_t role = 0; role < kRoleCount; ++role)
    json.member(to_string(static_cast<Role>(role)), file.persons[role]);
  json.end_object();
  write_elements(json, "elements", file.elements);
  json.member("bytes", file.report.bytes);
  json.member("bytes_not_understood", file.report.bytes_not_understood);
  json.key("not_understood");
  json.begin_array();
  for (const NotUnderstood& part : file.report.not_understood) {
    json.begin_object();
    json.member("reason", part.reason);
    json.member("bytes", part.bytes);
    json.member("places", part.count);
    json.member("first_offset", part.first_offset);
    json.end_object();
  }
  json.end_array();
  write_list(json, "warnings", file.report.warnings);
  json.member("rules", file.report.rules_version);
  json.end_object();
}

// "Nobody's X was found" means nothing without what was looked at.
void write_negative_findings(JsonWriter& json, const Exposure& exposure) {
  json.key("negative_findings");
  json.begin_object();
  for (std::size_t e = 0; e < kElementCount; ++e) {
    if (exposure.found_persons[e] != 0) continue;
    json.key(to_string(static_cast<Element>(e)));
    json.begin_object();
    for (const std::string_view how : {"read_wholly", "read_partly", "not_read"}) {
      json.key(how);
      json.begin_array();
      for (const FileSummary& file : exposure.files) {
        const bool none = !file.report.read;
        const bool whole = !none && file.report.complete();
        const std::string_view is = none ? "not_read" : whole ? "read_wholly" : "read_partly";
        if (is == how) json.value(file.file);
      }
      json.end_array();
    }
    json.end_object();
  }
  json.end_object();
}

}  // namespace

Status write_persons(const Exposure& exposure, const ByteSink& sink) {
  JsonWriter json;
  for (const Person& person : exposure.persons) {
    json.clear();
    write_person(json, exposure, person);
    BH_CHECK(sink(as_bytes(json.text())));
    BH_CHECK(sink(as_bytes("\n")));
  }
  return {};
}

std::string persons_ndjson(const Exposure& exposure) {
  return collected([&](const ByteSink& sink) { return write_persons(exposure, sink); });
}

std::string summary_json(const Exposure& exposure) {
  JsonWriter json;
  json.begin_object();
  json.member("version", 1);
  json.member("complete", exposure.complete());
  json.key("persons");
  json.begin_object();
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    json.key(to_string(static_cast<Role>(role)));
    json.begin_object();
    json.member("count", exposure.roles[role].count);
    json.member("lower", exposure.roles[role].lower);
    json.member("upper", exposure.roles[role].upper);
    json.end_object();
  }
  json.end_object();
  json.key("members_identifiable");
  json.begin_object();
  for (std::size_t i = 0; i < 3; ++i)
    json.member(to_string(static_cast<Identifiable>(i)), exposure.identifiable[i]);
  json.end_object();
  json.member("ambiguous_pairs", exposure.ambiguous_pairs);
  json.key("elements");
  json.begin_object();
  for (std::size_t e = 0; e < kElementCount; ++e) {
    json.key(to_string(static_cast<Element>(e)));
    json.begin_object();
    json.member("found_persons", exposure.found_persons[e]);
    json.member("possible", exposure.possible[e]);
    json.member("masked", exposure.masked[e]);
    json.member("fillers", exposure.fillers[e]);
    json.end_object();
  }
  json.end_object();
  write_negative_findings(json, exposure);
  json.key("files");
  json.begin_array();
  for (const FileSummary& file : exposure.files)
    write_file(json, file);
  json.end_array();
  json.end_object();
  return std::move(json).take() + "\n";
}

}  // namespace bulkhead::exposure
