// How good a result is, from a sample that was looked at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "notify/review/sample/marks.h"
#include "notify/review/sample/proportion.h"

namespace bulkhead::review {

struct Rate {
  std::string name;  // a format, a file; empty: all
  std::uint64_t population = 0, drawn = 0, marked = 0, errors = 0;
  Interval interval;  // of errors among the population, 95% Clopper-Pearson
};

struct KindReport {
  UnitKind kind = UnitKind::kFinding;
  Rate all;
  std::vector<Rate> by_format, by_file;
  std::uint64_t unclear = 0;  // among the errors
  // For the bound that was asked for: a sample of how many in all, nothing where none is enough.
  // May be more than there are: then only looking at all of them tells.
  std::optional<std::uint64_t> enough;
};

struct SampleReport {
  KindReport findings, windows;
  double bound = 0;
  std::uint64_t not_marked = 0;
  bool complete() const { return not_marked == 0; }
};

// kInvalidArgument where a mark is of no unit of the sample, or not one for its kind.
Result<SampleReport> report(const Sample& sample, const Marks& marks, double bound);

std::string report_json(const SampleReport& report, const Sample& sample);
// For people.
std::string report_text(const SampleReport& report, const Sample& sample);

}  // namespace bulkhead::review
