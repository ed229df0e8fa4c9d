// Draws what people look at: findings, to see how many are right, and pieces of files without a
// finding, to see what was missed.
//
// The sample is stratified by file and format: each gets its share, by chance where the share is no
// whole number, so that every unit is drawn with the same probability and the plain rate is an
// unbiased estimate. It depends on the seed alone, and a larger one with the same seed contains the
// smaller one: what was marked stays marked. Decision 0106 says why.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "notify/review/persons_file.h"

namespace bulkhead::review {

constexpr std::uint64_t kWindowBytes = 512;

struct SampledFile {
  std::string file, format;
  std::uint64_t bytes = 0;
};

enum class UnitKind { kFinding, kWindow };
std::string_view to_string(UnitKind kind);  // "finding", "window"

struct SampleUnit {
  std::string id;  // "f-9c51e7…", "w-…": the same in a larger sample
  UnitKind kind = UnitKind::kFinding;
  std::string file, format;
  // A finding: this element of this person is in this file.
  std::string person, name, born;
  exposure::Element element = exposure::Element::kName;
  std::vector<ReviewedPlace> places;
  // A window: `length` bytes from `offset`, in which no finding begins.
  std::uint64_t offset = 0, length = 0;
  std::string excerpt;
};

struct Stratum {
  std::string file, format;
  std::uint64_t findings = 0, findings_drawn = 0;
  std::uint64_t windows = 0, windows_drawn = 0;
};

struct Sample {
  std::string seed;
  std::uint64_t wanted_findings = 0, wanted_windows = 0;
  std::vector<Stratum> strata;  // by format, then file
  std::vector<SampleUnit> units;
  std::uint64_t findings() const;  // that there are
  std::uint64_t windows() const;
};

struct DrawOptions {
  std::string seed;
  std::uint64_t findings = 300, windows = 100;
};

// Gives each person to the callback; asked twice.
using PersonSource = std::function<Status(const std::function<Status(const ReviewedPerson&)>&)>;

// `files`: what was looked into, with their sizes. kInvalidArgument where a person stands in a file
// that is not among them: the two do not belong together. kLimitExceeded where the files are larger
// than any that are scanned together.
Result<Sample> draw(const PersonSource& persons, const std::vector<SampledFile>& files,
                    const DrawOptions& options);

// The files of a summary.json. Hostile input.
Result<std::vector<SampledFile>> read_summary_files(const std::string& path);

// sample.ndjson: a head and a line a unit. Reading is for hostile input.
std::string sample_text(const Sample& sample);
Result<Sample> parse_sample(std::string_view text, const std::string& name);

// Puts the bytes at each unit's place into `excerpt`, of the files that a scan of `paths` names so.
Status add_excerpts(const std::vector<std::string>& paths, Sample& sample);

}  // namespace bulkhead::review
