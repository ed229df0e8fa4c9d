// Answers of which a log knows the size and not the file: those of a web shell, or of an interface
// that names files by number. An answer is the file, or the file compressed, and some header
// fields.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "incident/files/held_files.h"
#include "incident/incident.h"
#include "incident/release_list.h"

namespace bulkhead::incident {

// What an answer has beyond its body: status line and header fields; with the body in chunks, some
// bytes for each of these too.
constexpr std::uint64_t kHeadersLeast = 60, kHeadersMost = 2000;
constexpr std::uint64_t headers_most(std::uint64_t body) {
  return kHeadersMost + body / 500;
}

struct Answer {
  LogAccess access;    // kUnnamed
  std::string source;  // "log:line"
};

struct AnswersMatched {
  std::uint64_t fit_nothing = 0;
  std::string first_that_fits_nothing;  // its source
};

// All of one answer, without source; where more files than kOfOneLineMost fit, one more than these.
using TakeReleases = std::function<void(const Answer& answer, std::vector<LoggedRelease> releases)>;

// Of one log. Header fields of one program have the same length again and again: where several
// answers agree on it, it tells files of similar size apart. Compresses every file at hand, in
// `threads` threads, where there is an answer at all. Time grows with answers times the logarithm
// of files; memory does not grow with what fits.
AnswersMatched match_answers(const std::vector<Answer>& answers, HeldFiles& held, unsigned threads,
                             const TakeReleases& take);

}  // namespace bulkhead::incident
