// `bulkhead scan --explain PERSON`: where each claim about one person stands, and what says so.
#include <fmt/format.h>

#include "exposure/exposure.h"

namespace bulkhead::exposure {
namespace {

// The person with this id, or the only one whose id begins so.
Result<Person> find_person(const Resolution& resolution, std::string_view wanted) {
  std::size_t low = 0;
  for (std::size_t high = resolution.size(); low < high;) {
    const std::size_t middle = low + (high - low) / 2;
    if (std::string_view(resolution.person(middle).id) < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == resolution.size() || !resolution.person(low).id.starts_with(wanted))
    return fail(ErrorCode::kNotFound,
                fmt::format("no person {} in these files: the ids stand in --out", wanted));
  Person first = resolution.person(low);
  const bool several = first.id != wanted && low + 1 < resolution.size() &&
                       resolution.person(low + 1).id.starts_with(wanted);
  if (several)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("several persons begin with {}: give more of the id", wanted));
  return first;
}

std::string words(ElementSet set) {
  std::string text;
  for (std::size_t e = 0; e < kElementCount; ++e) {
    if (set.has(static_cast<Element>(e)))
      text += fmt::format("{}{}", text.empty() ? "" : ", ", to_string(static_cast<Element>(e)));
  }
  return text;
}

void explain_file(const FileSummary& file, const FileExposure& exposure, std::string& out) {
  out += fmt::format(
      "\n{}: read as {} by {}, rules {}\n  {} records, the first at {}; confidence {:.2f}\n",
      file.file, file.report.format, file.report.recognised_by, file.report.rules_version,
      exposure.records, exposure.first_offset, exposure.confidence);
  for (const PersonEvidence& place : exposure.evidence)
    out += fmt::format("  {:<24} offset {:>12}, {:>4} bytes   {}\n", to_string(place.element),
                       place.offset, place.length, place.where);
}

}  // namespace

Result<std::string> explain(const Resolution& resolution, std::string_view wanted) {
  BH_TRY(const Person person, find_person(resolution, wanted));
  std::string out = fmt::format("\n{}: {}, {}\n", person.id, to_string(person.role),
                                to_string(person.identifiable));
  out += fmt::format("exposed: {}\n", words(person.elements));
  if (!person.possible.empty())
    out += fmt::format("possible, not counted: {}\n", words(person.possible));
  if (!person.masked.empty()) out += fmt::format("masked: {}\n", words(person.masked));
  for (const std::string& related : person.related_to)
    out += fmt::format("related to: {}\n", related);
  for (const FileExposure& place : person.exposures)
    explain_file(resolution.totals().files[place.file], place, out);
  return out;
}

}  // namespace bulkhead::exposure
