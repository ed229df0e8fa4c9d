#include "incident/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "incident/match.h"

namespace bulkhead::incident {
namespace {

// Two programs that compress the same file differ by some percent.
constexpr double kOtherCompressor = 0.03;
// How much header fields of one program differ in length: by a date, a length with more digits.
constexpr std::size_t kWidths[] = {0, 2, 4, 6, 8, 12, 16, 24};
constexpr std::size_t kWidest = kWidths[std::size(kWidths) - 1];
constexpr std::int64_t kAgreeing = 3;
// Longer header fields than these are of large bodies in chunks; no two of them agree but by
// chance.
constexpr std::int64_t kLengthMost = 64 * 1024;

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

using Bodies = std::vector<Body>;  // by size

void keep_first_of_each_file(std::vector<Candidate>& candidates) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.body.file, a.headers) < std::tie(b.body.file, b.headers);
  });
  const auto end = std::unique(
      candidates.begin(), candidates.end(),
      [](const Candidate& a, const Candidate& b) { return a.body.file == b.body.file; });
  candidates.erase(end, candidates.end());
}

// More files than are listed, surely: each of them has at most two bodies.
bool enough(const std::vector<Candidate>& candidates) {
  return candidates.size() > 2 * kOfOneLineMost;
}

// Those whose header fields would be from `least` to most(its bytes) long, the shortest ones first.
template <typename Most>
std::vector<Candidate> with_headers(std::uint64_t sent, const Bodies& bodies, std::uint64_t least,
                                    const Most& most) {
  std::vector<Candidate> candidates;
  const auto begin = std::partition_point(bodies.begin(), bodies.end(), [&](const Body& body) {
    return body.bytes + most(body.bytes) < sent;
  });
  auto end = std::partition_point(begin, bodies.end(),
                                  [&](const Body& body) { return body.bytes + least <= sent; });
  while (end != begin && !enough(candidates)) {
    --end;
    candidates.push_back({*end, static_cast<std::int64_t>(sent - end->bytes), true});
  }
  return candidates;
}

std::vector<Candidate> close_to(std::uint64_t sent, const Bodies& bodies) {
  return with_headers(sent, bodies, kHeadersLeast, headers_most);
}

// Those that another program may have compressed so.
std::vector<Candidate> loosely_close_to(std::uint64_t sent, const Bodies& bodies) {
  std::vector<Candidate> candidates;
  const std::uint64_t slack =
      static_cast<std::uint64_t>(static_cast<double>(sent) * 0.04) + kHeadersMost;
  auto at =
      std::lower_bound(bodies.begin(), bodies.end(), sent - std::min(sent, slack),
                       [](const Body& body, std::uint64_t least) { return body.bytes < least; });
  for (; at != bodies.end() && at->bytes <= sent + slack && !enough(candidates); ++at) {
    const std::int64_t headers =
        static_cast<std::int64_t>(sent) - static_cast<std::int64_t>(at->bytes);
    const double off = static_cast<double>(at->bytes) * kOtherCompressor;
    const bool loose = at->compressed && static_cast<double>(headers) >= -off &&
                       static_cast<double>(headers) <= off + kHeadersMost;
    if (loose) candidates.push_back({*at, headers, false});
  }
  return candidates;
}

// The lengths of header fields that one program makes.
struct UsualHeaders {
  std::uint64_t least = 0, most = 0;

  std::vector<Candidate> fitting(std::uint64_t sent, const Bodies& bodies) const {
    return with_headers(sent, bodies, least, [this](std::uint64_t bytes) {
      return std::min(headers_most(bytes), most + bytes / 1000);  // some bytes for each chunk
    });
  }
};

// How many answers have a candidate with header fields of a length, in memory that does not grow
// with them.
class HeaderLengths {
 public:
  // Of one answer.
  void add(const std::vector<Candidate>& close) {
    std::vector<std::size_t> lengths;
    for (const Candidate& each : close) {
      if (each.headers <= kLengthMost) lengths.push_back(static_cast<std::size_t>(each.headers));
    }
    std::sort(lengths.begin(), lengths.end());
    for (const std::size_t length : lengths)
      seen_[length] = true;
    for (std::size_t width = 0; width < std::size(kWidths); ++width)
      count_windows(lengths, width);
  }

  // The first place where most answers have a candidate whose header fields differ by no more than
  // the width.
  std::pair<std::int64_t, UsualHeaders> densest(std::size_t width) const {
    std::int64_t best = 0, answers = 0;
    std::size_t place = 0;
    for (std::size_t begin = 0; begin < kPlaces; ++begin) {
      answers += changes_[width][begin];
      if (answers <= best) continue;
      best = answers;
      place = begin;
    }
    std::size_t last = place + kWidths[width];
    while (place < last && !seen_[place])
      ++place;
    while (last > place && !seen_[last])
      --last;
    return {best, {place, last}};
  }

 private:
  static constexpr std::size_t kPlaces = kLengthMost + 2;

  // A length of the answer lies in every window that begins at most the width before it; each
  // window counts once.
  void count_windows(const std::vector<std::size_t>& lengths, std::size_t width) {
    std::size_t counted = 0;  // the windows that begin before this are
    for (const std::size_t length : lengths) {
      const std::size_t begin = std::max(counted, length - kWidths[width]);
      if (begin > length) continue;
      ++changes_[width][begin];
      --changes_[width][length + 1];
      counted = length + 1;
    }
  }

  // By width and place: how many more answers the window that begins here has than the one before.
  std::vector<std::vector<std::int64_t>> changes_{std::size(kWidths),
                                                  std::vector<std::int64_t>(kPlaces)};
  std::vector<bool> seen_ = std::vector<bool>(kPlaces + kWidest);
};
static_assert(kHeadersLeast >= kWidest);

// The lengths on which most answers agree, as few different ones as say so; nothing where too few
// do.
std::optional<UsualHeaders> usual_headers(const std::vector<Answer>& answers,
                                          const Bodies& bodies) {
  HeaderLengths lengths;
  std::int64_t fit = 0;
  for (const Answer& answer : answers) {
    if (!answer.access.bytes) continue;
    const std::vector<Candidate> close = close_to(*answer.access.bytes, bodies);
    lengths.add(close);
    fit += !close.empty() || !loosely_close_to(*answer.access.bytes, bodies).empty() ? 1 : 0;
  }
  const std::int64_t most = lengths.densest(std::size(kWidths) - 1).first;
  if (most < kAgreeing || most * 2 < fit) return std::nullopt;
  for (std::size_t width = 0; width < std::size(kWidths); ++width) {
    const auto [agreeing, usual] = lengths.densest(width);
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
  if (fitting == 1) return text + "; no other file at hand fits";
  return text + (fitting > kOfOneLineMost
                     ? fmt::format("; more than {} files at hand fit", kOfOneLineMost)
                     : fmt::format("; {} files at hand fit", fitting));
}

// The log has no sizes: each file once, whatever the number of answers.
void give_any(const Answer& answer, const HeldFiles& held, const TakeReleases& take) {
  const std::string why = fmt::format(
      "{} answered{}, and the log does not say how many bytes (sc-bytes): it may have been any "
      "file",
      answer.access.path, by_whom(answer.access));
  for (const HeldFile& file : held.all())
    take(answer, {about(answer.access, file, Certainty::kPossible, why)});
}

// False where nothing fits.
bool give_fitting(const Answer& answer, const std::optional<UsualHeaders>& headers,
                  const Bodies& bodies, const HeldFiles& held, const TakeReleases& take) {
  const std::uint64_t sent = *answer.access.bytes;
  std::vector<Candidate> candidates;
  if (headers) candidates = headers->fitting(sent, bodies);
  const bool usual = !candidates.empty();
  if (candidates.empty()) candidates = close_to(sent, bodies);
  if (candidates.empty()) candidates = loosely_close_to(sent, bodies);
  if (candidates.empty()) return false;
  keep_first_of_each_file(candidates);
  candidates.resize(std::min(candidates.size(), kOfOneLineMost + 1));
  const bool doubtful = candidates.size() > 1 || !candidates.front().close || (headers && !usual);
  std::vector<LoggedRelease> releases;
  for (const Candidate& each : candidates)
    releases.push_back(about(answer.access, held.at(each.body.file),
                             doubtful ? Certainty::kPossible : Certainty::kLikely,
                             words(answer, each, candidates.size(), usual)));
  take(answer, std::move(releases));
  return true;
}

}  // namespace

AnswersMatched match_answers(const std::vector<Answer>& answers, HeldFiles& held, unsigned threads,
                             const TakeReleases& take) {
  AnswersMatched matched;
  const bool any_size = std::any_of(answers.begin(), answers.end(), [](const Answer& each) {
    return each.access.bytes.has_value();
  });
  Bodies bodies;
  if (any_size) bodies = bodies_of(held, held.gzip_all(threads));
  const std::optional<UsualHeaders> headers = usual_headers(answers, bodies);
  bool any_told = false;
  for (const Answer& answer : answers) {
    if (!answer.access.bytes) {
      if (!any_told) give_any(answer, held, take);
      any_told = true;
    } else if (!give_fitting(answer, headers, bodies, held, take)) {
      if (matched.fit_nothing++ == 0) matched.first_that_fits_nothing = answer.source;
    }
  }
  return matched;
}

}  // namespace bulkhead::incident
