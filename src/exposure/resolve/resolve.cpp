// From the findings of many files to distinct persons and totals.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "exposure/exposure.h"
#include "exposure/resolve/person_builder.h"

namespace bulkhead::exposure {
namespace {

// Where nothing of a kind was read that could tell, a person's record is taken to be this long.
constexpr double kBytesPerPerson = 500.0;

struct Resolved {
  std::vector<std::vector<RowRef>> rows;            // by person
  std::vector<std::vector<std::uint32_t>> persons;  // by file and row
};

Resolved group_rows(Clusters& clusters, const std::vector<NamedFindings>& files) {
  Resolved resolved;
  for (const NamedFindings& file : files)
    resolved.persons.emplace_back(file.findings.persons.size(), PersonTable::kNone);
  std::vector<std::uint32_t> by_root(clusters.mentions().size(), PersonTable::kNone);
  for (std::uint32_t i = 0; i < clusters.mentions().size(); ++i) {
    const Mention& mention = clusters.mentions()[i];
    if (mention.other_name) continue;
    std::uint32_t& person = by_root[clusters.root(i)];
    if (person == PersonTable::kNone) {
      person = static_cast<std::uint32_t>(resolved.rows.size());
      resolved.rows.emplace_back();
    }
    resolved.rows[person].push_back({mention.file, mention.row});
    resolved.persons[mention.file][mention.row] = person;
  }
  return resolved;
}

// Ids are settled together: two persons with one anchor are told apart by the place where they
// stand first.
void settle_ids(std::vector<Person>& persons, const std::vector<NamedFindings>& files) {
  std::vector<std::string> anchors;
  anchors.reserve(persons.size());
  for (const Person& person : persons)
    anchors.push_back(anchor_of(person, files[person.exposures.front().file].file));
  std::vector<std::uint32_t> order(persons.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return anchors[a] < anchors[b]; });
  for (std::size_t at = 0; at < order.size(); ++at) {
    const std::string& anchor = anchors[order[at]];
    const bool shared = (at > 0 && anchors[order[at - 1]] == anchor) ||
                        (at + 1 < order.size() && anchors[order[at + 1]] == anchor);
    Person& person = persons[order[at]];
    std::string text = anchor;
    if (shared) {
      for (const PersonIdentifier& id : person.identifiers)
        text += fmt::format("|{}|{}", to_string(id.type), id.value);
      const FileExposure& place = person.exposures.front();
      text += fmt::format("|{}|{}", files[place.file].file, place.first_offset);
    }
    person.id = person_id(text);
  }
}

void relate(std::vector<Person>& persons, const Resolved& resolved,
            const std::vector<NamedFindings>& files) {
  for (std::uint32_t file = 0; file < files.size(); ++file) {
    for (const auto& [row, to] : files[file].findings.persons.relations()) {
      const std::uint32_t a = resolved.persons[file][row];
      const std::uint32_t b = resolved.persons[file][to];
      if (a != b) persons[a].related_to.push_back(persons[b].id);
    }
  }
  for (Person& person : persons) {
    std::sort(person.related_to.begin(), person.related_to.end());
    person.related_to.erase(std::unique(person.related_to.begin(), person.related_to.end()),
                            person.related_to.end());
  }
}

// Persons by role in the bytes that nobody understood, from the density of those that were.
void add_estimate(Exposure& exposure) {
  double understood = 0;
  double missing = 0;
  for (const FileSummary& file : exposure.files) {
    const double lost = static_cast<double>(file.report.bytes_not_understood);
    missing += lost;
    if (file.report.read) understood += static_cast<double>(file.report.bytes) - lost;
  }
  if (missing <= 0) return;
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    const double found = static_cast<double>(exposure.roles[role].count);
    double density = understood > 0 ? found / understood : 0;
    if (density <= 0 && role == static_cast<std::size_t>(Role::kMember))
      density = 1 / kBytesPerPerson;
    exposure.roles[role].upper += static_cast<std::uint64_t>(missing * density + 0.999);
  }
}

void bound(Exposure& exposure, Clusters& clusters, const std::vector<Person>& persons,
           const Resolved& resolved) {
  // Merging every doubtful pair: how many persons of each role disappear.
  std::vector<std::uint32_t> parent(persons.size());
  std::iota(parent.begin(), parent.end(), 0U);
  const auto find = [&](std::uint32_t i) {
    while (parent[i] != i)
      i = parent[i] = parent[parent[i]];
    return i;
  };
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    RoleTotals& totals = exposure.roles[role];
    totals.lower = totals.count;
    totals.upper = totals.count + clusters.doubtful_merges(static_cast<Role>(role));
  }
  const auto person_of = [&](std::uint32_t mention) {
    const Mention& m = clusters.mentions()[mention];
    return resolved.persons[m.file][m.row];
  };
  for (const auto& [a, b] : clusters.ambiguous()) {
    const std::uint32_t x = find(person_of(a));
    const std::uint32_t y = find(person_of(b));
    ++exposure.ambiguous_pairs;
    if (x == y) continue;
    parent[std::max(x, y)] = std::min(x, y);
    --exposure.roles[static_cast<std::size_t>(persons[std::max(x, y)].role)].lower;
  }
}

void total(Exposure& exposure, const std::vector<Person>& persons) {
  for (const Person& person : persons) {
    ++exposure.roles[static_cast<std::size_t>(person.role)].count;
    if (person.role == Role::kMember)
      ++exposure.identifiable[static_cast<std::size_t>(person.identifiable)];
    for (std::size_t e = 0; e < kElementCount; ++e) {
      const auto element = static_cast<Element>(e);
      exposure.found_persons[e] += person.elements.has(element) ? 1 : 0;
      exposure.possible[e] += person.possible.has(element) ? 1 : 0;
      exposure.masked[e] += person.masked.has(element) ? 1 : 0;
    }
    for (const FileExposure& place : person.exposures) {
      ++exposure.files[place.file].persons[static_cast<std::size_t>(person.role)];
      exposure.files[place.file].elements.add(place.elements);
    }
  }
  for (const FileSummary& file : exposure.files) {
    for (std::size_t e = 0; e < kElementCount; ++e)
      exposure.fillers[e] += file.report.fillers[e];
  }
}

FileSummary summary_of(UnreadFile unread) {
  FileSummary summary{.file = std::move(unread.file)};
  summary.report.format = "unknown";
  summary.report.recognised_by = unread.reason;
  summary.report.bytes = summary.report.bytes_not_understood = unread.bytes;
  summary.report.not_understood.push_back({std::move(unread.reason), summary.report.bytes, 1, 0});
  return summary;
}

}  // namespace

bool Exposure::complete() const {
  return std::all_of(files.begin(), files.end(),
                     [](const FileSummary& file) { return file.report.complete(); });
}

std::string_view to_string(Identifiable identifiable) {
  switch (identifiable) {
    case Identifiable::kNamed:
      return "named";
    case Identifiable::kNumberOnly:
      return "number_only";
    case Identifiable::kPseudonymous:
      return "pseudonymous";
  }
  return "pseudonymous";
}

Exposure resolve(std::vector<NamedFindings> files, std::vector<UnreadFile> unread,
                 const ResolveOptions& options) {
  Exposure exposure;
  Clusters clusters(files);
  clusters.resolve();
  const Resolved resolved = group_rows(clusters, files);
  std::vector<Person> persons;
  persons.reserve(resolved.rows.size());
  for (const std::vector<RowRef>& rows : resolved.rows)
    persons.push_back(build_person(files, rows, options));
  settle_ids(persons, files);
  relate(persons, resolved, files);
  for (NamedFindings& file : files)
    exposure.files.push_back({.file = file.file, .report = std::move(file.findings.report)});
  for (UnreadFile& file : unread)
    exposure.files.push_back(summary_of(std::move(file)));
  total(exposure, persons);
  bound(exposure, clusters, persons, resolved);
  add_estimate(exposure);
  std::sort(persons.begin(), persons.end(),
            [](const Person& a, const Person& b) { return a.id < b.id; });
  exposure.persons = std::move(persons);
  return exposure;
}

}  // namespace bulkhead::exposure
