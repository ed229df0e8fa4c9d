#include "notify/review/sample/draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <queue>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "exposure/detect/hash.h"

namespace bulkhead::review {
namespace {

// Chance out of a seed, the same everywhere: a key from SHA-256, then a fast hash under it.
std::uint64_t key_of(std::string_view seed, std::string_view what, std::string_view file) {
  std::string text = "bulkhead sample 1";
  for (const std::string_view part : {seed, what, file}) {
    text += '\0';
    text += part;
  }
  return load_be<std::uint64_t>(crypto::sha256(as_bytes(text)).data());
}

std::uint64_t chance(std::uint64_t key, std::string_view identity) {
  return exposure::hash_bytes(identity, key);
}

// How many of a stratum: its share, rounded up or down by chance so that the expectation is exact.
// Grows with `wanted`, so that a larger sample contains a smaller one.
std::uint64_t share_of(std::uint64_t count, std::uint64_t all, std::uint64_t wanted,
                       std::uint64_t luck) {
  if (all == 0) return 0;
  const double exact =
      static_cast<double>(wanted) * static_cast<double>(count) / static_cast<double>(all);
  const double part = static_cast<double>(luck >> 11U) * 0x1p-53;
  return std::min(count, static_cast<std::uint64_t>(std::floor(exact + part)));
}

struct Candidate {
  std::uint64_t luck = 0;
  SampleUnit unit;
  bool operator<(const Candidate& other) const {
    return luck != other.luck ? luck < other.luck : unit.id < other.unit.id;
  }
};

// Keeps the `most` with the least luck.
class Lottery {
 public:
  Lottery() = default;
  explicit Lottery(std::uint64_t most) : most_(most) {}
  bool wants(std::uint64_t luck) const {
    return most_ > 0 && (best_.size() < most_ || luck <= best_.top().luck);
  }
  void put(Candidate candidate) {
    best_.push(std::move(candidate));
    if (best_.size() > most_) best_.pop();
  }
  void take(std::vector<SampleUnit>& units) {
    const std::size_t from = units.size();
    for (; !best_.empty(); best_.pop())
      units.push_back(best_.top().unit);
    std::reverse(units.begin() + static_cast<std::ptrdiff_t>(from), units.end());
  }

 private:
  std::uint64_t most_ = 0;
  std::priority_queue<Candidate> best_;
};

// A bit each is kept, and each is looked at: those of 4 TiB of files.
constexpr std::uint64_t kWindowsMost = 1ULL << 33;

std::uint64_t windows_of(const SampledFile& file) {
  return file.bytes / kWindowBytes + (file.bytes % kWindowBytes > 0 ? 1 : 0);
}

// Before memory is taken for them: the sizes come from outside.
Status check_sizes(const std::vector<SampledFile>& files) {
  std::uint64_t all = 0;
  for (const SampledFile& file : files) {
    if (windows_of(file) > kWindowsMost - all)
      return fail(ErrorCode::kLimitExceeded,
                  fmt::format("the summary lists more than {} TiB of files: draw from the results "
                              "of smaller runs",
                              (kWindowsMost * kWindowBytes) >> 40U));
    all += windows_of(file);
  }
  return {};
}

struct FileState {
  std::size_t stratum = 0;
  std::uint64_t bytes = 0;
  std::uint64_t finding_key = 0, window_key = 0;
  std::vector<bool> covered;  // windows in which a finding begins
  Lottery findings;
};

class Draw {
 public:
  Draw(const PersonSource& persons, const DrawOptions& options)
      : persons_(persons), options_(options) {
    sample_.seed = options.seed;
    sample_.wanted_findings = options.findings;
    sample_.wanted_windows = options.windows;
  }

  Result<Sample> run(std::vector<SampledFile> files) {
    BH_CHECK(check_sizes(files));
    std::sort(files.begin(), files.end(), [](const SampledFile& a, const SampledFile& b) {
      return std::tie(a.format, a.file) < std::tie(b.format, b.file);
    });
    for (const SampledFile& file : files)
      add_file(file);
    BH_CHECK(persons_([this](const ReviewedPerson& person) { return count(person); }));
    for (auto& [name, state] : files_)
      sample_.strata[state.stratum].windows =
          static_cast<std::uint64_t>(std::count(state.covered.begin(), state.covered.end(), false));
    share_out();
    BH_CHECK(persons_([this](const ReviewedPerson& person) { return offer(person); }));
    for (Stratum& stratum : sample_.strata)
      files_.at(stratum.file).findings.take(sample_.units);
    for (Stratum& stratum : sample_.strata)
      draw_windows(stratum, files_.at(stratum.file));
    return std::move(sample_);
  }

 private:
  void add_file(const SampledFile& file) {
    FileState state{.stratum = sample_.strata.size(),
                    .bytes = file.bytes,
                    .finding_key = key_of(options_.seed, "finding", file.file),
                    .window_key = key_of(options_.seed, "window", file.file)};
    state.covered.resize(windows_of(file));
    if (!files_.emplace(file.file, std::move(state)).second) return;
    sample_.strata.push_back({.file = file.file, .format = file.format});
  }

  Result<FileState*> state_of(const std::string& file) {
    const auto at = files_.find(file);
    if (at == files_.end())
      return fail(ErrorCode::kInvalidArgument,
                  "the persons file and the summary are not of one run: a person stands in a file "
                  "that the summary does not list");
    return &at->second;
  }

  Status count(const ReviewedPerson& person) {
    for (const ReviewedExposure& exposure : person.exposures) {
      BH_TRY(FileState* const state, state_of(exposure.file));
      sample_.strata[state->stratum].findings +=
          static_cast<std::uint64_t>(std::popcount(exposure.elements.bits()));
      for (const ReviewedPlace& place : exposure.places) {
        const std::uint64_t window = place.offset / kWindowBytes;
        if (window < state->covered.size()) state->covered[window] = true;
      }
    }
    return {};
  }

  void share_out() {
    const std::uint64_t findings = sample_.findings(), windows = sample_.windows();
    for (Stratum& stratum : sample_.strata) {
      stratum.findings_drawn = share_of(stratum.findings, findings, options_.findings,
                                        key_of(options_.seed, "share of findings", stratum.file));
      stratum.windows_drawn = share_of(stratum.windows, windows, options_.windows,
                                       key_of(options_.seed, "share of windows", stratum.file));
      files_.at(stratum.file).findings = Lottery(stratum.findings_drawn);
    }
  }

  Status offer(const ReviewedPerson& person) {
    for (const ReviewedExposure& exposure : person.exposures) {
      BH_TRY(FileState* const state, state_of(exposure.file));
      for (std::size_t e = 0; e < exposure::kElementCount; ++e) {
        const auto element = static_cast<exposure::Element>(e);
        if (!exposure.elements.has(element)) continue;
        const std::uint64_t luck = chance(
            state->finding_key, fmt::format("{}|{}", person.id, exposure::to_string(element)));
        if (!state->findings.wants(luck)) continue;
        SampleUnit unit{.id = fmt::format("f-{:016x}", luck),
                        .kind = UnitKind::kFinding,
                        .file = exposure.file,
                        .format = sample_.strata[state->stratum].format,
                        .person = person.id,
                        .name = person.name,
                        .born = person.born,
                        .element = element};
        for (const ReviewedPlace& place : exposure.places) {
          if (place.element == element) unit.places.push_back(place);
        }
        state->findings.put({luck, std::move(unit)});
      }
    }
    return {};
  }

  void draw_windows(const Stratum& stratum, const FileState& state) {
    Lottery lottery(stratum.windows_drawn);
    for (std::uint64_t window = 0; window < state.covered.size(); ++window) {
      if (state.covered[window]) continue;
      std::uint64_t luck = exposure::mix(window ^ state.window_key, 0x9E3779B97F4A7C15ULL);
      luck = exposure::mix(luck ^ state.window_key, 0xD6E8FEB86659FD93ULL);
      if (!lottery.wants(luck)) continue;
      const std::uint64_t offset = window * kWindowBytes;
      lottery.put({luck,
                   {.id = fmt::format("w-{:016x}", luck),
                    .kind = UnitKind::kWindow,
                    .file = stratum.file,
                    .format = stratum.format,
                    .offset = offset,
                    .length = std::min(kWindowBytes, state.bytes - offset)}});
    }
    lottery.take(sample_.units);
  }

  const PersonSource& persons_;
  const DrawOptions& options_;
  Sample sample_;
  std::map<std::string, FileState> files_;
};

}  // namespace

std::string_view to_string(UnitKind kind) {
  return kind == UnitKind::kFinding ? "finding" : "window";
}

std::uint64_t Sample::findings() const {
  std::uint64_t sum = 0;
  for (const Stratum& stratum : strata)
    sum += stratum.findings;
  return sum;
}

std::uint64_t Sample::windows() const {
  std::uint64_t sum = 0;
  for (const Stratum& stratum : strata)
    sum += stratum.windows;
  return sum;
}

Result<Sample> draw(const PersonSource& persons, const std::vector<SampledFile>& files,
                    const DrawOptions& options) {
  return Draw(persons, options).run(files);
}

}  // namespace bulkhead::review
