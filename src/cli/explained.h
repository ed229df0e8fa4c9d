// What an officer says is explained: a partner who fetches a folder from its own address, as
// always. Nothing is explained by itself, and what is must have gone as it went before.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {

struct ExplainedRule {
  std::string user, address, folder, reason;
  bool as_always = true;  // false: the officer answers for it, and nothing is compared with before
};

// YAML: a list `explained` of mappings with the keys user, address, folder, reason and perhaps
// as_always. kMalformed with the line; a key that is not known is an error, not a comment.
Result<std::vector<ExplainedRule>> read_explained(const std::string& path);
Result<std::vector<ExplainedRule>> parse_explained(std::string_view text, std::string_view path);

struct Explanation {
  bool explained = false;
  std::string words;  // the reason; or why the rule that meets it does not hold; or nothing
};

// Whether a rule could explain it: only what was read can be, and only that makes a habit.
bool concerned(const std::vector<ExplainedRule>& rules, const admin::Release& release);

// For each release, in their order. `history`: all that was ever released and is concerned, however
// few of it are asked for: sessions count whole. Those that went on at `since_us` or later are
// judged, the others are how it was before. As always means: on at least three earlier days this
// user read something of this folder at this address, and the session took no more files than the
// largest of those, no more than twice the bytes, and began within an hour of the time of day of
// one of them (UTC).
std::vector<Explanation> explain_releases(const std::vector<ExplainedRule>& rules,
                                          const std::vector<admin::Release>& history,
                                          std::int64_t since_us,
                                          const std::vector<admin::Release>& releases);

}  // namespace bulkhead::cli
