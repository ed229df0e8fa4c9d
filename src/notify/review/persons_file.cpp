#include "notify/review/persons_file.h"

#include <fmt/format.h>

#include <optional>

#include "notify/review/correction_entry.h"
#include "notify/review/json_line.h"

namespace bulkhead::review {
namespace {

Result<exposure::ElementSet> read_elements(const JsonObject& object) {
  exposure::ElementSet set;
  BH_TRY(const std::vector<std::string> words, object.texts("elements"));
  for (const std::string& word : words) {
    const auto element = exposure::element_from(word);
    if (!element) return object.wrong("elements: one that this release does not know");
    set.add(*element);
  }
  return set;
}

Result<ReviewedExposure> read_exposure(const JsonObject& object) {
  ReviewedExposure exposure;
  BH_TRY(exposure.file, object.text("file"));
  BH_TRY(exposure.format, object.text("format"));
  BH_TRY(exposure.elements, read_elements(object));
  BH_TRY(exposure.first_offset, object.number("first_offset"));
  BH_CHECK(object.each("evidence", [&](const JsonObject& one) -> Status {
    ReviewedPlace place;
    BH_TRY(const std::string word, one.text("element"));
    const auto element = exposure::element_from(word);
    if (!element) return one.wrong("evidence: an element that this release does not know");
    place.element = *element;
    BH_TRY(place.offset, one.number("offset"));
    BH_TRY(place.length, one.number("length"));
    BH_TRY(place.where, one.text("where"));
    exposure.places.push_back(std::move(place));
    return {};
  }));
  return exposure;
}

Result<ReviewedPerson> read_person(const JsonObject& line) {
  ReviewedPerson person;
  BH_TRY(person.id, line.text("person"));
  if (!is_person_id(person.id)) return line.wrong("person: an id such as p-7c31… is expected");
  BH_TRY(person.formerly, line.texts("formerly"));
  BH_CHECK(line.each("names", [&](const JsonObject& name) -> Status {
    if (!person.name.empty()) return {};
    for (const char* part : {"first", "middle", "last", "suffix"}) {
      BH_TRY(const std::string text, name.text(part));
      if (!text.empty()) person.name += (person.name.empty() ? "" : " ") + text;
    }
    return {};
  }));
  BH_TRY(const std::vector<std::string> born, line.texts("dates_of_birth"));
  if (!born.empty()) person.born = born.front();
  BH_CHECK(line.each("exposures", [&](const JsonObject& one) -> Status {
    BH_TRY(ReviewedExposure exposure, read_exposure(one));
    person.exposures.push_back(std::move(exposure));
    return {};
  }));
  return person;
}

}  // namespace

Status for_each_reviewed(const std::string& path,
                         const std::function<Status(const ReviewedPerson&)>& take) {
  JsonLineParser parser(path);
  const auto take_line = [&](std::string_view text, std::uint64_t number) -> Status {
    BH_TRY(const JsonObject line, parser.parse(text, number));
    BH_TRY(const ReviewedPerson person, read_person(line));
    return take(person);
  };
  BH_TRY(const LinesRead read, for_each_line(path, take_line));
  if (read.unfinished)
    return fail(
        ErrorCode::kMalformed,
        fmt::format("{}:{}: the last line has no end: is the file whole?", path, read.lines + 1));
  return {};
}

Result<std::vector<ReviewedPerson>> find_reviewed(const std::string& path,
                                                  const std::vector<std::string>& ids) {
  std::vector<std::optional<ReviewedPerson>> found(ids.size());
  std::string several;
  BH_CHECK(for_each_reviewed(path, [&](const ReviewedPerson& person) -> Status {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!person.id.starts_with(ids[i])) continue;
      if (found[i]) several = ids[i];
      found[i] = person;
    }
    return {};
  }));
  if (!several.empty())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("several persons begin with {}: give more of the id", several));
  std::vector<ReviewedPerson> list;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!found[i])
      return fail(ErrorCode::kNotFound, fmt::format("no person {} in {}", ids[i], path));
    list.push_back(std::move(*found[i]));
  }
  return list;
}

exposure::CorrectedPerson as_corrected(const ReviewedPerson& person) {
  exposure::CorrectedPerson named{.person = person.id, .places = {}};
  for (const ReviewedExposure& exposure : person.exposures)
    named.places.push_back({exposure.file, exposure.first_offset});
  return named;
}

}  // namespace bulkhead::review
