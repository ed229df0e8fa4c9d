// What reviewing needs of persons.ndjson: who it is, and where each element is said to stand.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "exposure/exposure.h"

namespace bulkhead::review {

struct ReviewedPlace {
  exposure::Element element = exposure::Element::kName;
  std::uint64_t offset = 0, length = 0;
  std::string where;
};
struct ReviewedExposure {
  std::string file, format;
  exposure::ElementSet elements;
  std::uint64_t first_offset = 0;
  std::vector<ReviewedPlace> places;
};
struct ReviewedPerson {
  std::string id, name, born;
  std::vector<std::string> formerly;
  std::vector<ReviewedExposure> exposures;
};

// Every line of it, in its order. Hostile input: bounded, errors without values.
Status for_each_reviewed(const std::string& path,
                         const std::function<Status(const ReviewedPerson&)>& take);

// The persons with these ids, or the only ones whose ids begin so, in the order of the ids.
// kNotFound, kInvalidArgument where several begin so.
Result<std::vector<ReviewedPerson>> find_reviewed(const std::string& path,
                                                  const std::vector<std::string>& ids);

// As corrections name a person.
exposure::CorrectedPerson as_corrected(const ReviewedPerson& person);

}  // namespace bulkhead::review
