#include "incident/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "incident/match.h"

namespace bulkhead::incident {
namespace {

// Two programs that compress the same file differ by some percent.
constexpr double kOtherCompressor = 0.03;
// How much header fields of one program differ in length: by a date, a length with more digits.
constexpr std::int64_t kWidths[] = {0, 2, 4, 6, 8, 12, 16, 24};
constexpr std::size_t kAgreeing = 3;
constexpr std::size_t kCandidatesMost = 1000;  // of one answer; more say no more

struct Body {
  std::uint64_t bytes = 0;
  std::size_t file = 0;
  bool compressed = false;
};

struct Candidate {
  Body body;
  std::int64_t headers = 0;  // the answer's bytes beyond the body
  bool close = true;         // the headers are as long as headers are
};

std::vector<Body> bodies_of(const HeldFiles& held,
                            const std::vector<std::optional<std::uint64_t>>& pressed) {
  std::vector<Body> bodies;
  for (std::size_t i = 0; i < held.all().size(); ++i) {
    bodies.push_back({held.at(i).bytes, i, false});
    if (pressed[i]) bodies.push_back({*pressed[i], i, true});
  }
  std::sort(bodies.begin(), bodies.end(), [](const Body& a, const Body& b) {
    return std::tie(a.bytes, a.file, a.compressed) < std::tie(b.bytes, b.file, b.compressed);
  });
  return bodies;
}

void keep_first_of_each_file(std::vector<Candidate>& candidates) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.body.file, a.headers) < std::tie(b.body.file, b.headers);
  });
  const auto end = std::unique(
      candidates.begin(), candidates.end(),
      [](const Candidate& a, const Candidate& b) { return a.body.file == b.body.file; });
  candidates.erase(end, candidates.end());
}

// Those whose size fits; where none does, those that another program may have compressed so.
std::vector<Candidate> candidates_of(std::uint64_t sent, const std::vector<Body>& bodies) {
  std::vector<Candidate> candidates;
  const std::uint64_t slack =
      static_cast<std::uint64_t>(static_cast<double>(sent) * 0.04) + kHeadersMost;
  auto at =
      std::lower_bound(bodies.begin(), bodies.end(), sent - std::min(sent, slack),
                       [](const Body& body, std::uint64_t least) { return body.bytes < least; });
  bool any_close = false;
  for (; at != bodies.end() && at->bytes <= sent + slack && candidates.size() < kCandidatesMost;
       ++at) {
    const std::int64_t headers =
        static_cast<std::int64_t>(sent) - static_cast<std::int64_t>(at->bytes);
    const bool close = headers >= static_cast<std::int64_t>(kHeadersLeast) &&
                       headers <= static_cast<std::int64_t>(headers_most(at->bytes));
    const double off = static_cast<double>(at->bytes) * kOtherCompressor;
    const bool loose = at->compressed && static_cast<double>(headers) >= -off &&
                       static_cast<double>(headers) <= off + kHeadersMost;
    if (close || loose) candidates.push_back({*at, headers, close});
    any_close = any_close || close;
  }
  if (any_close) std::erase_if(candidates, [](const Candidate& each) { return !each.close; });
  return candidates;
}

// The lengths of header fields that one program makes.
struct UsualHeaders {
  std::int64_t least = 0, most = 0;

  bool fit(const Candidate& candidate) const {
    const auto chunks = static_cast<std::int64_t>(candidate.body.bytes / 1000);
    return candidate.close && candidate.headers >= least && candidate.headers <= most + chunks;
  }
};

using Lengths = std::vector<std::pair<std::int64_t, std::size_t>>;  // and of which answer, sorted

// The place where most answers have a candidate whose header fields differ by no more than `width`.
std::pair<std::size_t, UsualHeaders> densest(const Lengths& lengths, std::int64_t width) {
  std::map<std::size_t, std::size_t> inside;  // by answer, how many of its candidates
  std::size_t best = 0, first = 0;
  UsualHeaders usual;
  for (std::size_t last = 0; last < lengths.size(); ++last) {
    ++inside[lengths[last].second];
    for (; lengths[last].first - lengths[first].first > width; ++first) {
      const auto at = inside.find(lengths[first].second);
      if (--at->second == 0) inside.erase(at);
    }
    if (inside.size() <= best) continue;
    best = inside.size();
    usual = {lengths[first].first, lengths[last].first};
  }
  return {best, usual};
}

// The lengths on which most answers agree, as few different ones as say so; nothing where too few
// do.
std::optional<UsualHeaders> usual_headers(const std::vector<std::vector<Candidate>>& candidates) {
  Lengths lengths;
  std::size_t answers = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    answers += candidates[i].empty() ? 0 : 1;
    for (const Candidate& each : candidates[i]) {
      if (each.close) lengths.emplace_back(each.headers, i);
    }
  }
  std::sort(lengths.begin(), lengths.end());
  const std::size_t most = densest(lengths, kWidths[std::size(kWidths) - 1]).first;
  if (most < kAgreeing || most * 2 < answers) return std::nullopt;
  for (const std::int64_t width : kWidths) {
    const auto [agreeing, usual] = densest(lengths, width);
    if (agreeing * 20 >= most * 19) return usual;
  }
  return std::nullopt;
}

std::string_view shape(const Candidate& candidate) {
  return candidate.body.compressed ? "compressed" : "as it is";
}

std::string words(const Answer& answer, const Candidate& candidate, std::size_t fitting,
                  bool usual) {
  std::string text = fmt::format("{} answered{} with {} bytes: it {} has {}", answer.access.path,
                                 by_whom(answer.access), *answer.access.bytes, shape(candidate),
                                 candidate.body.bytes);
  if (!candidate.close)
    text += ", near enough if another program compressed it";
  else if (usual)
    text += fmt::format(", and {} are what other answers have beside the file", candidate.headers);
  else
    text += fmt::format(", which leaves {} for header fields", candidate.headers);
  return text + (fitting == 1 ? "; no other file at hand fits"
                              : fmt::format("; {} files at hand fit", fitting));
}

// The log has no sizes: each file once, whatever the number of answers.
void add_any(const Answer& answer, const HeldFiles& held, AnswersMatched& matched) {
  for (const HeldFile& file : held.all()) {
    matched.releases.push_back(
        about(answer.access, file, Certainty::kPossible,
              fmt::format("{} answered{}, and the log does not say how many bytes (sc-bytes): it "
                          "may have been any file",
                          answer.access.path, by_whom(answer.access))));
    matched.releases.back().source = answer.source;
  }
}

void add_fitting(const Answer& answer, std::vector<Candidate> candidates,
                 std::optional<UsualHeaders> headers, const HeldFiles& held,
                 AnswersMatched& matched) {
  bool usual = false;
  if (headers) {
    std::vector<Candidate> agreeing;
    std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(agreeing),
                 [&](const Candidate& each) { return headers->fit(each); });
    usual = !agreeing.empty();
    if (usual) candidates = std::move(agreeing);
  }
  keep_first_of_each_file(candidates);
  const bool doubtful = candidates.size() > 1 || !candidates.front().close || (headers && !usual);
  for (const Candidate& each : candidates) {
    matched.releases.push_back(about(answer.access, held.at(each.body.file),
                                     doubtful ? Certainty::kPossible : Certainty::kLikely,
                                     words(answer, each, candidates.size(), usual)));
    matched.releases.back().source = answer.source;
  }
}

}  // namespace

AnswersMatched match_answers(const std::vector<Answer>& answers, HeldFiles& held,
                             unsigned threads) {
  AnswersMatched matched;
  const bool any_size = std::any_of(answers.begin(), answers.end(), [](const Answer& each) {
    return each.access.bytes.has_value();
  });
  std::vector<Body> bodies;
  if (any_size) bodies = bodies_of(held, held.gzip_all(threads));
  std::vector<std::vector<Candidate>> candidates(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].access.bytes) candidates[i] = candidates_of(*answers[i].access.bytes, bodies);
  }
  const std::optional<UsualHeaders> headers = usual_headers(candidates);
  bool any_told = false;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].access.bytes) {
      if (!any_told) add_any(answers[i], held, matched);
      any_told = true;
    } else if (candidates[i].empty()) {
      if (matched.fit_nothing++ == 0) matched.first_that_fits_nothing = answers[i].source;
    } else {
      add_fitting(answers[i], std::move(candidates[i]), headers, held, matched);
    }
  }
  return matched;
}

}  // namespace bulkhead::incident
