// persons.ndjson and summary.json.
#include <algorithm>

#include "base/json_writer.h"
#include "exposure/exposure.h"
#include "exposure/in_order.h"
#include "exposure/output/person_lines.h"
#include "exposure/output/places.h"
#include "exposure/output/writers.h"
#include "exposure/resolve/resolved_persons.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kChunk = 1024;                  // persons that a thread writes at a time
constexpr std::size_t kChunkBytes = 3 * 1024 * 1024;  // of the usual ones

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name);
  json.begin_array();
  for (const std::string& text : texts)
    json.value(text);
  json.end_array();
}

void write_elements(JsonWriter& json, std::string_view name, ElementSet set) {
  json.key(name);
  json.begin_array();
  for (const std::string_view word : sorted_words(set))
    json.value(word);
  json.end_array();
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

void write_corrections(JsonWriter& json, const CorrectionTotals& corrections) {
  json.key("corrections");
  json.begin_object();
  json.member("sha256", corrections.sha256);
  json.member("applied", corrections.applied);
  json.member("waiting_for_a_second_person", corrections.waiting);
  json.member("withdrawn", corrections.withdrawn);
  json.member("excluded_persons", corrections.excluded_persons);
  write_list(json, "without_effect", corrections.without_effect);
  write_list(json, "look_again", corrections.look_again);
  json.end_object();
}

void write_roster(JsonWriter& json, const RosterTotals& roster) {
  json.key("roster");
  json.begin_object();
  json.member("file", roster.file);
  json.member("enrolled", roster.enrolled);
  json.member("enrolled_in_files", roster.enrolled_in_files);
  json.member("enrolled_in_no_file", roster.enrolled - roster.enrolled_in_files);
  json.member("in_the_files",
              roster.on_roster + roster.named_not_on_roster + roster.unnamed_not_on_roster);
  json.member("on_roster", roster.on_roster);
  json.member("named_by_roster", roster.named_by_roster);
  json.member("named_not_on_roster", roster.named_not_on_roster);
  json.member("unnamed_not_on_roster", roster.unnamed_not_on_roster);
  json.member("contradicted", roster.contradicted);
  json.member("merged", roster.merged);
  json.member("to_be_notified", roster.to_be_notified());
  json.member("by_letter", roster.by_letter);
  json.member("without_address", roster.without_address);
  json.member("deceased", roster.deceased);
  json.end_object();
}

void write_circumstances(JsonWriter& json, const Exposure& exposure) {
  json.member("as_of", exposure.as_of);
  json.key("circumstances");
  json.begin_object();
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    const Circumstances& of_role = exposure.circumstances[role];
    json.key(to_string(static_cast<Role>(role)));
    json.begin_object();
    json.key("by_state");
    json.begin_object();
    for (const PlaceCount& each : states_by_count(of_role))
      json.member(each.place, each.persons);
    json.end_object();
    json.member("another_place", of_role.by_place[kAnotherPlace]);
    json.member("state_unknown", of_role.by_place[kUnknownPlace]);
    json.member("minors", of_role.minors);
    json.member("age_unknown", of_role.age_unknown);
    json.member("deceased", of_role.deceased);
    json.member("without_address", of_role.without_address);
    json.end_object();
  }
  json.end_object();
}

void write_elements_found(JsonWriter& json, const Exposure& exposure) {
  json.key("elements");
  json.begin_object();
  for (std::size_t e = 0; e < kElementCount; ++e) {
    json.key(to_string(static_cast<Element>(e)));
    json.begin_object();
    json.member("found_persons", exposure.found_persons[e]);
    json.key("by_role");
    json.begin_object();
    for (std::size_t role = 0; role < kRoleCount; ++role)
      json.member(to_string(static_cast<Role>(role)), exposure.found_by_role[role][e]);
    json.end_object();
    json.member("possible", exposure.possible[e]);
    json.member("masked", exposure.masked[e]);
    json.member("fillers", exposure.fillers[e]);
    json.end_object();
  }
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

Status write_persons(const Resolution& resolution, const ByteSink& sink) {
  const ResolvedPersons& persons = resolution.resolved();
  std::vector<PersonBuilder> builders(persons.jobs(), persons.builder());
  std::vector<PersonLines> lines(persons.jobs(), PersonLines(resolution.totals().files));
  const auto make = [&](unsigned worker, std::size_t chunk) {
    LineBuffer block(kChunkBytes);
    const std::size_t end = std::min(persons.size(), (chunk + 1) * kChunk);
    for (std::size_t i = chunk * kChunk; i < end; ++i) {
      persons.prefetch_behind(i);
      lines[worker].put(persons.build(i, builders[worker]), block);
    }
    return block;
  };
  Status written;
  in_order<LineBuffer>(persons.jobs(), (persons.size() + kChunk - 1) / kChunk, make,
                       [&](const LineBuffer& block) {
                         written = sink(block.bytes());
                         return written.has_value();
                       });
  return written;
}

std::string persons_ndjson(const Exposure& exposure) {
  PersonLines lines(exposure.files);
  LineBuffer text;
  PersonView view;
  for (const Person& person : exposure.persons) {
    view_of(person, view);
    lines.put(view, text);
  }
  return std::string(as_text(text.bytes()));
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
  write_circumstances(json, exposure);
  write_elements_found(json, exposure);
  write_negative_findings(json, exposure);
  if (exposure.roster.given) write_roster(json, exposure.roster);
  if (exposure.corrections.given) write_corrections(json, exposure.corrections);
  json.key("files");
  json.begin_array();
  for (const FileSummary& file : exposure.files)
    write_file(json, file);
  json.end_array();
  json.end_object();
  return std::move(json).take() + "\n";
}

}  // namespace bulkhead::exposure
