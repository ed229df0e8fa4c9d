#include "cli/explained.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/clock.h"
#include "base/fd.h"
#include "exposure/layouts/yaml_subset.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kFileBytesMost = 1024 * 1024;
constexpr std::size_t kDaysLeast = 3;
constexpr std::int64_t kDayUs = 86'400 * kMicrosPerSecond, kHourUs = 3'600 * kMicrosPerSecond;

std::unexpected<Error> wrong(std::string_view path, std::uint32_t line, std::string_view what) {
  return fail(ErrorCode::kMalformed, fmt::format("{}:{}: {}", path, line, what));
}

Result<ExplainedRule> rule_of(const exposure::YamlNode& node, std::string_view path) {
  if (node.kind != exposure::YamlNode::kMapping)
    return wrong(path, node.line, "a rule is a mapping with user, address, folder and reason");
  ExplainedRule rule;
  std::map<std::string_view, std::string*> texts = {{"user", &rule.user},
                                                    {"address", &rule.address},
                                                    {"folder", &rule.folder},
                                                    {"reason", &rule.reason}};
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const exposure::YamlNode& value = node.items[i];
    if (value.kind != exposure::YamlNode::kScalar)
      return wrong(path, value.line, fmt::format("{} is a text", node.keys[i]));
    if (const auto at = texts.find(node.keys[i]); at != texts.end())
      *at->second = value.scalar;
    else if (node.keys[i] == "as_always" && (value.scalar == "true" || value.scalar == "false"))
      rule.as_always = value.scalar == "true";
    else
      return wrong(path, value.line,
                   fmt::format("{} is not known here: user, address, folder, reason, as_always "
                               "(true or false)",
                               node.keys[i]));
  }
  for (const auto& [key, text] : texts) {
    if (text->empty())
      return wrong(path, node.line,
                   fmt::format("{} is missing: nothing is explained in general", key));
  }
  while (rule.folder.size() > 1 && rule.folder.ends_with('/'))
    rule.folder.pop_back();
  return rule;
}

bool meets(const ExplainedRule& rule, const admin::Release& release) {
  const std::string& path = release.path();
  const bool inside =
      rule.folder == "/" || path == rule.folder || path.starts_with(rule.folder + "/");
  return inside && release.why() == "read" && release.user() == rule.user &&
         release.peer_address() == rule.address;
}

// What one session was given of a folder.
struct Fetched {
  std::set<std::uint64_t> versions;
  std::uint64_t bytes = 0;
  std::int64_t began = 0, last = 0;
};

using Sessions = std::map<std::uint64_t, Fetched>;

Sessions by_session(const ExplainedRule& rule, const std::vector<admin::Release>& releases) {
  Sessions sessions;
  for (const admin::Release& release : releases) {
    if (!meets(rule, release)) continue;
    Fetched& fetched = sessions[release.channel()];
    fetched.versions.insert(release.version());
    fetched.bytes += release.bytes_released();
    fetched.began =
        fetched.began == 0 ? release.first_us() : std::min(fetched.began, release.first_us());
    fetched.last = std::max(fetched.last, release.last_us());
  }
  return sessions;
}

bool near_in_day(std::int64_t one, std::int64_t other) {
  const std::int64_t apart = std::abs(one % kDayUs - other % kDayUs);
  return std::min(apart, kDayUs - apart) <= kHourUs;
}

// How it went before.
struct Habit {
  std::set<std::int64_t> days;
  std::size_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<std::int64_t> began;

  Habit(const Sessions& sessions, std::int64_t since_us) {
    for (const auto& [session, fetched] : sessions) {
      if (fetched.last >= since_us) continue;
      days.insert(fetched.began / kDayUs);
      files = std::max(files, fetched.versions.size());
      bytes = std::max(bytes, fetched.bytes);
      began.push_back(fetched.began);
    }
  }

  Explanation judge(const ExplainedRule& rule, const Fetched& fetched) const {
    const auto not_so = [&](std::string_view what) {
      return Explanation{false, fmt::format("not as always: {} ({})", what, rule.reason)};
    };
    if (days.size() < kDaysLeast)
      return not_so(fmt::format("on {} earlier days only", days.size()));
    if (fetched.versions.size() > files)
      return not_so(fmt::format("{} files in one session, {} at most before",
                                fetched.versions.size(), files));
    if (fetched.bytes > 2 * bytes)
      return not_so(
          fmt::format("{} bytes in one session, {} at most before", fetched.bytes, bytes));
    const bool usual_time = std::any_of(began.begin(), began.end(), [&](std::int64_t each) {
      return near_in_day(each, fetched.began);
    });
    if (!usual_time) return not_so("at another time of day");
    return {true, fmt::format("{}; as on {} earlier days", rule.reason, days.size())};
  }
};

}  // namespace

Result<std::vector<ExplainedRule>> parse_explained(std::string_view text, std::string_view path) {
  const auto root = exposure::parse_yaml(text);
  if (!root) return fail(root.error().within(path));
  const exposure::YamlNode* list =
      root->kind == exposure::YamlNode::kMapping ? root->find("explained") : nullptr;
  if (list == nullptr || list->kind != exposure::YamlNode::kSequence || root->keys.size() != 1)
    return wrong(path, root->line, "one list is expected, called explained");
  std::vector<ExplainedRule> rules;
  for (const exposure::YamlNode& node : list->items) {
    BH_TRY(ExplainedRule rule, rule_of(node, path));
    rules.push_back(std::move(rule));
  }
  return rules;
}

Result<std::vector<ExplainedRule>> read_explained(const std::string& path) {
  BH_TRY(const Bytes text, read_file(path, kFileBytesMost));
  return parse_explained(as_text(text), path);
}

bool concerned(const std::vector<ExplainedRule>& rules, const admin::Release& release) {
  return std::any_of(rules.begin(), rules.end(),
                     [&](const ExplainedRule& rule) { return meets(rule, release); });
}

std::vector<Explanation> explain_releases(const std::vector<ExplainedRule>& rules,
                                          const std::vector<admin::Release>& history,
                                          std::int64_t since_us,
                                          const std::vector<admin::Release>& releases) {
  std::vector<Explanation> explanations(releases.size());
  for (const ExplainedRule& rule : rules) {
    const Sessions sessions = by_session(rule, history);
    const Habit habit(sessions, since_us);
    for (std::size_t i = 0; i < releases.size(); ++i) {
      if (explanations[i].explained || !meets(rule, releases[i])) continue;
      if (!rule.as_always)
        explanations[i] = {true, rule.reason + "; as the officer states"};
      else if (const auto at = sessions.find(releases[i].channel()); at != sessions.end())
        explanations[i] = habit.judge(rule, at->second);
    }
  }
  return explanations;
}

}  // namespace bulkhead::cli
