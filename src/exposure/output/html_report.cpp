// The page that an officer reads and hands on: one file that loads nothing. What it says about
// persons is masked unless values are asked for; everything that comes from a file goes through
// html_text().
#include <fmt/format.h>

#include <algorithm>

#include "exposure/exposure.h"
#include "exposure/output/html_page.h"
#include "exposure/output/html_text.h"
#include "exposure/output/person_lines.h"
#include "exposure/output/places.h"
#include "exposure/output/writers.h"
#include "exposure/resolve/resolved_persons.h"

namespace bulkhead::exposure {
namespace {

// A browser gets slow beyond; all persons are in persons.ndjson and the CSV.
constexpr std::size_t kMostPersons = 20'000;
constexpr std::size_t kMostFiles = 5'000;
constexpr std::size_t kSinkAtBytes = 256 * 1024;

std::string_view plural(std::uint64_t count) {
  return count == 1 ? "" : "s";
}

std::string share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "0";
  return fmt::format("{:.2f}", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string words_of(ElementSet set) {
  std::string list;
  for (const std::string_view word : sorted_words(set))
    list += fmt::format("{}{}", list.empty() ? "" : ", ", word);
  return list;
}

std::string verdict(const Exposure& totals) {
  const RoleTotals& members = totals.roles[static_cast<std::size_t>(Role::kMember)];
  std::uint64_t bytes = 0, gaps = 0;
  for (const FileSummary& file : totals.files) {
    bytes += file.report.bytes;
    gaps += file.report.bytes_not_understood;
  }
  std::string text = fmt::format(
      "<h1>Whose data is in these files</h1>\n<div class=\"verdict{}\"><p><strong>{} {}</strong> "
      "whose data this is, in {} file{} ({} bytes): at least {}, at most {}.</p>\n",
      totals.complete() ? "" : " partly", members.count, members.count == 1 ? "person" : "people",
      totals.files.size(), plural(totals.files.size()), bytes, members.lower, members.upper);
  if (totals.complete()) {
    text += "<p>Every byte of every file was understood.</p>";
  } else {
    text += fmt::format(
        "<p><strong>{} bytes ({}%) were not understood.</strong> Whoever is in them is not in the "
        "count; “at most” has an estimate for them. The files below say which and why.</p>",
        gaps, share(gaps, bytes));
  }
  if (totals.ambiguous_pairs > 0)
    text += fmt::format("<p>{} pair{} of people may be one person each.</p>",
                        totals.ambiguous_pairs, plural(totals.ambiguous_pairs));
  return text + "</div>\n";
}

std::string roles(const Exposure& totals) {
  std::string text =
      "<h2>People</h2>\n<div class=\"scroll\"><table><thead><tr><th>role</th><th class=\"n\">people"
      "</th><th class=\"n\">at least</th><th class=\"n\">at most</th></tr></thead><tbody>\n";
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    text += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
        "class=\"n\">{}</td></tr>\n",
        to_string(static_cast<Role>(role)), totals.roles[role].count, totals.roles[role].lower,
        totals.roles[role].upper);
  }
  return text + fmt::format(
                    "</tbody></table></div>\n<p class=\"soft\">Of the members {} are named; {} are "
                    "known by a number only and {} by a pseudonym, and cannot be written to.</p>\n",
                    totals.identifiable[0], totals.identifiable[1], totals.identifiable[2]);
}

// What somebody has to know before letters are written.
std::string circumstances(const Exposure& totals) {
  const Circumstances& members = totals.circumstances[static_cast<std::size_t>(Role::kMember)];
  const auto providers = static_cast<std::size_t>(Role::kProvider);
  if (totals.roles[static_cast<std::size_t>(Role::kMember)].count == 0) return "";
  std::string text = fmt::format(
      "<h2>Of the members</h2>\n<div class=\"scroll\"><table><tbody>\n"
      "<tr><th>live in</th><td>{}</td></tr>\n"
      "<tr><th>minors</th><td>{} under 18 on {}; the age of {} is not known</td></tr>\n"
      "<tr><th>deceased</th><td>{}</td></tr>\n"
      "<tr><th>without an address</th><td>{} who have a name, and whom no letter "
      "reaches</td></tr>\n"
      "</tbody></table></div>\n",
      places_text(members), members.minors, html_text(totals.as_of), members.age_unknown,
      members.deceased, members.without_address);
  if (totals.roles[providers].count > 0)
    text +=
        fmt::format("<p class=\"soft\">Providers are counted apart: {} ({}).</p>\n",
                    totals.roles[providers].count, places_text(totals.circumstances[providers]));
  return text;
}

std::string elements(const Exposure& totals) {
  const std::uint64_t most =
      std::max<std::uint64_t>(1, *std::ranges::max_element(totals.found_persons));
  std::string text =
      "<h2>Elements</h2>\n<div class=\"scroll\"><table><thead><tr><th>element</th><th class=\"n\">"
      "people</th><th></th><th class=\"n\">possible</th><th class=\"n\">masked</th><th class=\"n\">"
      "fillers</th></tr></thead><tbody>\n";
  std::string none;
  for (std::size_t e = 0; e < kElementCount; ++e) {
    const std::string_view word = to_string(static_cast<Element>(e));
    if (totals.found_persons[e] == 0) none += fmt::format("{}{}", none.empty() ? "" : ", ", word);
    if (totals.found_persons[e] + totals.possible[e] + totals.masked[e] + totals.fillers[e] == 0)
      continue;
    text += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td style=\"width:40%\"><span class=\"bar\" "
        "style=\"width:{}%\"></span></td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
        "class=\"n\">{}</td></tr>\n",
        word, totals.found_persons[e], share(totals.found_persons[e], most), totals.possible[e],
        totals.masked[e], totals.fillers[e]);
  }
  text += "</tbody></table></div>\n";
  if (none.empty()) return text;
  // "Nobody's X was found" means nothing without what was looked at.
  std::uint64_t whole = 0, unread = 0;
  for (const FileSummary& file : totals.files) {
    whole += file.report.complete() ? 1 : 0;
    unread += file.report.read ? 0 : 1;
  }
  return text + fmt::format(
                    "<p>None found, with {} file{} read wholly, {} partly and {} not at all: "
                    "{}.</p>\n",
                    whole, plural(whole), totals.files.size() - whole - unread, unread, none);
}

std::string file_row(const FileSummary& file) {
  const FileReport& report = file.report;
  std::string notes;
  for (const NotUnderstood& part : report.not_understood)
    notes += fmt::format("<li>{}: {} bytes in {} place{}, first at {}</li>", html_text(part.reason),
                         part.bytes, part.count, plural(part.count), part.first_offset);
  for (const std::string& warning : report.warnings)
    notes += fmt::format("<li>{}</li>", html_text(warning));
  const std::uint64_t understood =
      report.bytes - std::min(report.bytes, report.bytes_not_understood);
  return fmt::format(
      "<tr><td class=\"w\">{}</td><td>{}<br><span class=\"soft\">{}</span></td><td "
      "class=\"n\">{}</td>"
      "<td class=\"n\">{}</td><td class=\"n\">{}</td><td><span class=\"part\"><span "
      "style=\"width:{}%\"></span></span>{}% of {} bytes{}</td><td>{}</td></tr>\n",
      html_text(file.file), html_text(report.format), html_text(report.recognised_by),
      report.records, file.persons[static_cast<std::size_t>(Role::kMember)],
      file.persons[1] + file.persons[2] + file.persons[3], share(understood, report.bytes),
      share(understood, report.bytes), report.bytes, notes.empty() ? "" : "<ul>" + notes + "</ul>",
      words_of(file.elements));
}

Status files(const Exposure& totals, const ByteSink& sink) {
  BH_CHECK(sink(as_bytes(
      "<h2>Files, and how each was read</h2>\n<div class=\"scroll\"><table><thead><tr><th>file</th>"
      "<th>format</th><th class=\"n\">records</th><th class=\"n\">members</th><th "
      "class=\"n\">others"
      "</th><th>understood</th><th>elements</th></tr></thead><tbody>\n")));
  // Those with gaps first: they are what is to be looked at.
  std::vector<const FileSummary*> order;
  for (const FileSummary& file : totals.files)
    order.push_back(&file);
  std::ranges::stable_partition(order,
                                [](const FileSummary* file) { return !file->report.complete(); });
  for (std::size_t i = 0; i < std::min(order.size(), kMostFiles); ++i)
    BH_CHECK(sink(as_bytes(file_row(*order[i]))));
  BH_CHECK(sink(as_bytes("</tbody></table></div>\n")));
  if (order.size() <= kMostFiles) return {};
  return sink(as_bytes(
      fmt::format("<p>{} more files are in summary.json.</p>\n", order.size() - kMostFiles)));
}

std::string identifiers_of(const PersonView& person, bool values) {
  std::string list;
  for (const IdentifierView& each : person.identifiers) {
    list += fmt::format("{}{}: {}", list.empty() ? "" : "<br>", html_text(to_string(each.type)),
                        html_text(values ? std::string(each.value) : masked_number(each.value)));
  }
  return list;
}

std::string names_of(const PersonView& person, bool values) {
  std::string list;
  for (const NameView& name : person.names) {
    std::string whole;
    for (const std::string_view part : {name.first, name.middle, name.last, name.suffix}) {
      if (part.empty()) continue;
      whole += fmt::format("{}{}", whole.empty() ? "" : " ",
                           values ? std::string(part) : masked_name(part));
    }
    list += fmt::format("{}{}", list.empty() ? "" : "<br>", html_text(whole));
  }
  return list;
}

std::string person_row(const PersonView& person, const Exposure& totals, bool values) {
  std::string births, places, in_files;
  for (const DateView& date : person.dates_of_birth)
    births += fmt::format("{}{}", births.empty() ? "" : "<br>",
                          html_text(values ? std::string(date.text()) : masked_date(date.text())));
  for (const AddressView& address : person.addresses) {
    const std::string place =
        values ? fmt::format("{} {} {} {} {}", address.lines[0], address.lines[1], address.city,
                             address.state, address.postal_code)
               : std::string(address.state);
    places += fmt::format("{}{}", places.empty() ? "" : "<br>", html_text(place));
  }
  for (const ExposureView& place : person.exposures)
    in_files += fmt::format("{}{}", in_files.empty() ? "" : "<br>",
                            html_text(totals.files[place.file].file));
  // The beginning of the id is what --explain takes.
  return fmt::format(
      "<tr><td>{}</td><td>{}</td><td "
      "class=\"w\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
      "<td class=\"w\">{}</td></tr>\n",
      html_text(person.id.substr(0, 10)), to_string(person.role), names_of(person, values), births,
      identifiers_of(person, values), places, words_of(person.elements), in_files);
}

Status persons(const Resolution& resolution, bool values, const ByteSink& sink) {
  const ResolvedPersons& all = resolution.resolved();
  const std::size_t shown = std::min(all.size(), kMostPersons);
  BH_CHECK(sink(as_bytes(fmt::format(
      "<h2>Persons</h2>\n<p>{}{}</p>\n<p class=\"search\"><input id=\"search\" type=\"search\" "
      "placeholder=\"Search these lines\" aria-label=\"Search these lines\"> <span id=\"shown\" "
      "class=\"soft\"></span></p>\n<div class=\"scroll\"><table "
      "id=\"persons\"><thead><tr><th>person"
      "</th><th>role</th><th>name</th><th>born</th><th>numbers</th><th>{}</th><th>elements</th><th>"
      "files</th></tr></thead><tbody>\n",
      values ? "This page holds personal data: keep it as you keep the files."
             : "Values are masked: what is missing here is in persons.ndjson.",
      shown < all.size() ? fmt::format(" The first {} of {} are here.", shown, all.size()) : "",
      values ? "addresses" : "states"))));
  PersonBuilder builder = all.builder();
  std::string block;
  for (std::size_t i = 0; i < shown; ++i) {
    block += person_row(all.build(i, builder), resolution.totals(), values);
    if (block.size() < kSinkAtBytes) continue;
    BH_CHECK(sink(as_bytes(block)));
    block.clear();
  }
  return sink(as_bytes(block + "</tbody></table></div>\n"));
}

}  // namespace

Status write_html(const Resolution& resolution, bool values, const ByteSink& sink) {
  const Exposure& totals = resolution.totals();
  BH_CHECK(sink(as_bytes(kPageHead)));
  BH_CHECK(
      sink(as_bytes(verdict(totals) + roles(totals) + circumstances(totals) + elements(totals))));
  BH_CHECK(files(totals, sink));
  BH_CHECK(persons(resolution, values, sink));
  return sink(as_bytes(kPageEnd));
}

}  // namespace bulkhead::exposure
