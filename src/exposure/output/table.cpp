// What `bulkhead scan` prints, and persons.csv.
#include "base/csv.h"
#include "exposure/exposure.h"
#include "exposure/output/places.h"
#include "exposure/output/writers.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <ostream>

namespace bulkhead::exposure {
namespace {

std::string_view shortened(std::string_view text, std::size_t width) {
  return text.substr(0, width);
}

void print_roles(const Exposure& exposure, std::ostream& out) {
  fmt::print(out, "\n{:<12}{:>12}{:>12}{:>12}\n", "persons", "count", "at least", "at most");
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    const RoleTotals& totals = exposure.roles[role];
    if (totals.count == 0 && totals.upper == 0) continue;
    fmt::print(out, "{:<12}{:>12}{:>12}{:>12}\n", to_string(static_cast<Role>(role)), totals.count,
               totals.lower, totals.upper);
  }
  if (exposure.identifiable[1] + exposure.identifiable[2] > 0) {
    fmt::print(out,
               "of the members {} are named, {} known by a number only, {} by a pseudonym only\n",
               exposure.identifiable[0], exposure.identifiable[1], exposure.identifiable[2]);
  }
  if (exposure.ambiguous_pairs > 0)
    fmt::print(out, "{} pairs may be one person each\n", exposure.ambiguous_pairs);
}

// For who has to tell them. Providers apart: their address is that of a practice.
void print_circumstances(const Exposure& exposure, std::ostream& out) {
  const auto count_of = [&](Role role) {
    return exposure.roles[static_cast<std::size_t>(role)].count;
  };
  const Circumstances& members = exposure.circumstances[static_cast<std::size_t>(Role::kMember)];
  if (count_of(Role::kMember) > 0) {
    fmt::print(out, "\nof the members\n  live in            {}\n", places_text(members));
    fmt::print(out, "  minors             {} under 18 on {}; the age of {} is not known\n",
               members.minors, exposure.as_of, members.age_unknown);
    fmt::print(out, "  deceased           {}\n", members.deceased);
    fmt::print(out, "  without an address {} who have a name, and whom no letter reaches\n",
               members.without_address);
  }
  const Circumstances& providers =
      exposure.circumstances[static_cast<std::size_t>(Role::kProvider)];
  if (count_of(Role::kProvider) > 0)
    fmt::print(out, "providers apart      {}: {}\n", count_of(Role::kProvider),
               places_text(providers));
}

void print_elements(const Exposure& exposure, std::ostream& out) {
  fmt::print(out, "\n{:<24}{:>12}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "element", "persons", "members",
             "providers", "possible", "masked", "fillers");
  const auto by_role = [&](Role role, std::size_t e) {
    return exposure.found_by_role[static_cast<std::size_t>(role)][e];
  };
  std::string none;
  for (std::size_t e = 0; e < kElementCount; ++e) {
    const std::string_view word = to_string(static_cast<Element>(e));
    const bool any = exposure.found_persons[e] + exposure.possible[e] + exposure.masked[e] +
                         exposure.fillers[e] >
                     0;
    if (any) {
      fmt::print(out, "{:<24}{:>12}{:>10}{:>10}{:>10}{:>10}{:>10}\n", word,
                 exposure.found_persons[e], by_role(Role::kMember, e), by_role(Role::kProvider, e),
                 exposure.possible[e], exposure.masked[e], exposure.fillers[e]);
    }
    if (exposure.found_persons[e] == 0) none += fmt::format("{}{}", none.empty() ? "" : ", ", word);
  }
  if (none.empty()) return;
  const auto whole =
      std::count_if(exposure.files.begin(), exposure.files.end(),
                    [](const FileSummary& f) { return f.report.read && f.report.complete(); });
  const auto unread = std::count_if(exposure.files.begin(), exposure.files.end(),
                                    [](const FileSummary& f) { return !f.report.read; });
  const auto partly = static_cast<std::ptrdiff_t>(exposure.files.size()) - whole - unread;
  fmt::print(out, "none found ({} files read wholly, {} partly, {} not at all): {}\n", whole,
             partly, unread, none);
}

void print_files(const Exposure& exposure, std::ostream& out) {
  fmt::print(out, "{:<44} {:<18}{:>12}{:>10}{:>10}{:>16}\n", "file", "format", "bytes", "members",
             "others", "not understood");
  for (const FileSummary& file : exposure.files) {
    const std::uint64_t others = file.persons[1] + file.persons[2] + file.persons[3];
    const double share = file.report.bytes == 0
                             ? 0
                             : 100.0 * static_cast<double>(file.report.bytes_not_understood) /
                                   static_cast<double>(file.report.bytes);
    fmt::print(out, "{:<44} {:<18}{:>12}{:>10}{:>10}{:>15.1f}%\n", shortened(file.file, 44),
               shortened(file.report.format, 18), file.report.bytes, file.persons[0], others,
               share);
    for (const NotUnderstood& part : file.report.not_understood) {
      fmt::print(out, "    {}: {} bytes in {} places, first at {}\n", part.reason, part.bytes,
                 part.count, part.first_offset);
    }
  }
}

std::string identifiers_of(const Person& person, IdentifierType type) {
  std::string list;
  for (const PersonIdentifier& identifier : person.identifiers) {
    if (identifier.type == type)
      list += fmt::format("{}{}", list.empty() ? "" : ";", identifier.value);
  }
  return list;
}

std::string joined_elements(ElementSet set) {
  std::string list;
  for (std::size_t e = 0; e < kElementCount; ++e) {
    if (!set.has(static_cast<Element>(e))) continue;
    list += fmt::format("{}{}", list.empty() ? "" : ";", to_string(static_cast<Element>(e)));
  }
  return list;
}

std::string csv_row(const Exposure& exposure, const Person& person) {
  const PersonName name = person.names.empty() ? PersonName{} : person.names.front();
  const PersonAddress address =
      person.addresses.empty() ? PersonAddress{} : person.addresses.front();
  std::string lines, files;
  for (const std::string& line : address.lines)
    lines += fmt::format("{}{}", lines.empty() ? "" : ", ", line);
  for (const FileExposure& place : person.exposures) {
    files += fmt::format("{}{}", files.empty() ? "" : ";", exposure.files[place.file].file);
  }
  const std::string birth =
      person.dates_of_birth.empty() ? std::string() : person.dates_of_birth.front();
  std::string row;
  for (const std::string& cell :
       {person.id, std::string(to_string(person.role)), std::string(to_string(person.identifiable)),
        name.last, name.first, name.middle, name.suffix, birth,
        identifiers_of(person, IdentifierType::kSsn),
        identifiers_of(person, IdentifierType::kMemberId),
        identifiers_of(person, IdentifierType::kMedicareId), lines, address.city, address.state,
        address.postal_code, person.address_status, joined_elements(person.elements), files}) {
    row += (row.empty() ? "" : ",") + csv_field(cell);
  }
  return row + "\n";
}

// The three numbers, and a reason for each difference.
void print_roster(const RosterTotals& roster, std::ostream& out) {
  const auto reason = [&](std::uint64_t count, std::string_view words) {
    if (count > 0) fmt::print(out, "  {:>10}  {}\n", count, words);
  };
  fmt::print(out, "\nenrolled        {:>10}  persons in {}\n", roster.enrolled, roster.file);
  reason(roster.enrolled - roster.enrolled_in_files, "of them are in none of these files");
  reason(roster.enrolled_in_files, "of them are");
  const std::uint64_t in_files =
      roster.on_roster + roster.named_not_on_roster + roster.unnamed_not_on_roster;
  fmt::print(out, "in the files    {:>10}  members\n", in_files);
  reason(roster.on_roster, "of them are on the roster");
  reason(roster.named_by_roster, "had a number only in the files, and have a name by the roster");
  reason(roster.merged, "further numbers turned out to be theirs");
  reason(roster.named_not_on_roster, "have a name, and are not on the roster");
  reason(roster.unnamed_not_on_roster, "have no name, and are not on the roster");
  reason(roster.contradicted, "of those have a number that the roster gives to somebody else");
  fmt::print(out, "to be notified  {:>10}  members\n", roster.to_be_notified());
  reason(in_files - roster.to_be_notified(), "cannot be: nobody knows who they are");
  reason(roster.by_letter, "by letter");
  reason(roster.without_address, "without an address: in another way");
  reason(roster.deceased, "have died: whoever represents them");
}

void print_corrections(const CorrectionTotals& corrections, std::ostream& out) {
  fmt::print(out, "corrections: {} applied, {} excluded by them", corrections.applied,
             corrections.excluded_persons);
  if (corrections.waiting > 0)
    fmt::print(out, "; {} wait for a second person and change nothing", corrections.waiting);
  fmt::print(out, "\n");
  for (const auto* list : {&corrections.without_effect, &corrections.look_again}) {
    for (const std::string& sentence : *list)
      fmt::print(out, "  {}\n", sentence);
  }
}

}  // namespace

void print_table(const Exposure& exposure, std::ostream& out) {
  print_files(exposure, out);
  print_roles(exposure, out);
  print_circumstances(exposure, out);
  print_elements(exposure, out);
  if (exposure.roster.given) print_roster(exposure.roster, out);
  if (exposure.corrections.given) print_corrections(exposure.corrections, out);
}

Status write_csv(const Resolution& resolution, const ByteSink& sink) {
  BH_CHECK(
      sink(as_bytes("person,role,identifiable,last,first,middle,suffix,date_of_birth,ssn,member_id,"
                    "medicare_id,address,city,state,"
                    "postal_code,address_status,elements,files\n")));
  for (std::size_t i = 0; i < resolution.size(); ++i)
    BH_CHECK(sink(as_bytes(csv_row(resolution.totals(), resolution.person(i)))));
  return {};
}

}  // namespace bulkhead::exposure
