#include "notify/tracking/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/fd.h"
#include "crypto/digest.h"
#include "exposure/resolve/name_match.h"
#include "notify/input/dates.h"
#include "notify/letters/letter_number.h"
#include "notify/review/chained_file.h"
#include "notify/tracking/tracking.h"

namespace bulkhead::notify {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kHashBytes = 16;
constexpr std::size_t kAgentBytesMost = 200;
constexpr std::int64_t kHourUs = 3600 * kMicrosPerSecond;

constexpr std::string_view kToAName =
    "Nothing can be said by telephone about a name. If there is a letter for this person, it goes "
    "to the address that is known to us. With the letter at hand, ask for its number.";

std::string hash_of_person(ByteView key, std::string_view name, std::string_view born) {
  const std::string message =
      fmt::format("bulkhead look-up 2|{}|{}", exposure::normal_name(name), born);
  const crypto::Sha256 digest = crypto::hmac_sha256(key, as_bytes(message));
  return to_hex(ByteView(digest).first(kHashBytes));
}

struct Asked {
  std::uint64_t by_agent = 0, untold = 0;
  std::set<std::string> requested;
};

constexpr std::size_t kToSeconds = 19;  // of RFC 3339, which sorts as it is so far

// `since` as RFC 3339 of UTC; the hour begins with its second.
review::TakeEntry count_into(Asked& asked, std::string agent, std::string since) {
  return [&asked, agent = std::move(agent), since = std::move(since)](
             const review::JsonObject& entry, std::uint64_t) -> Status {
    BH_TRY(const std::string at, entry.text("at"));
    BH_TRY(const std::string by, entry.text("agent"));
    BH_TRY(const std::string requested, entry.text("requested"));
    BH_TRY(const bool told, entry.truth("told"));
    if (!requested.empty()) asked.requested.insert(requested);
    if (at.substr(0, kToSeconds) < since.substr(0, kToSeconds)) return {};
    asked.by_agent += by == agent ? 1 : 0;
    asked.untold += told ? 0 : 1;
    return {};
  };
}

// Goes through all of it, whoever is asked for: the time that it takes tells nothing.
Status find_letter_about(const std::string& folder, const std::string& hash, std::string& letter) {
  const auto take = [&](std::string_view line, std::uint64_t) -> Status {
    const bool same = line.size() > hash.size() + 1 &&
                      std::equal(hash.begin(), hash.end(), line.begin()) &&
                      line[hash.size()] == ' ';
    if (same && letter.empty()) letter = line.substr(hash.size() + 1);
    return {};
  };
  BH_TRY(const review::LinesRead read, review::for_each_line(folder + "/lookup.index", take));
  static_cast<void>(read);
  return {};
}

// Where the key and the questions are: letters to who was only enrolled lie in a folder below.
struct Drafts {
  std::string home;
  std::vector<std::string> folders;
  Bytes key;
};
constexpr std::string_view kEnrolled = "/enrolled";

Result<Drafts> drafts_of(const std::string& folder) {
  Drafts drafts{.home = folder};
  auto key = read_file(drafts.home + "/numbers.key", kKeyBytes);
  if (!key && key.error().code == ErrorCode::kNotFound) {
    drafts.home = folder + "/..";
    key = read_file(drafts.home + "/numbers.key", kKeyBytes);
  }
  if (!key) return std::unexpected(key.error());
  drafts.key = std::move(*key);
  drafts.folders = {drafts.home};
  const std::string enrolled = drafts.home + std::string(kEnrolled);
  std::error_code error;
  if (std::filesystem::exists(enrolled + "/letters.ndjson", error))
    drafts.folders.push_back(enrolled);
  return drafts;
}

std::string words_for(const TrackedLetter& letter) {
  const std::string state =
      letter.state == LetterState::kDrafted
          ? "is not sent yet"
          : fmt::format("{} on {}", to_string(letter.state), letter.at.substr(0, 10));
  const std::size_t persons = letter.persons.size();
  return fmt::format(
      "Letter {} is of this incident: {}. It is about {}. {}; nothing more is told by telephone.",
      letter.number, state, persons == 1 ? "one person" : fmt::format("{} people", persons),
      letter.enrolled_only
          ? "They were enrolled, and it cannot be excluded that their data was in the files"
          : "What it lists was in the files");
}

Status check(const LookupRequest& request) {
  if (request.agent.empty() || !review::is_text(request.agent, kAgentBytesMost))
    return fail(ErrorCode::kInvalidArgument, "say who asks: --agent NAME");
  const bool named = !request.name.empty() || !request.born.empty();
  if (request.letter.empty() != named)
    return fail(ErrorCode::kInvalidArgument,
                "give the number of the letter, or a name and a date of birth");
  if (named && (request.name.empty() || !parse_day(request.born)))
    return fail(ErrorCode::kInvalidArgument, "a name needs a date of birth, such as 1974-03-09");
  return {};
}

}  // namespace

std::string lookup_line(ByteView key, std::string_view name, std::string_view born,
                        std::string_view letter) {
  return fmt::format("{} {}\n", hash_of_person(key, name, born), letter);
}

Result<LookupAnswer> look_up(const std::string& folder, const LookupRequest& request) {
  BH_CHECK(check(request));
  BH_TRY(const Drafts drafts, drafts_of(folder));
  Asked asked;
  BH_TRY(review::ChainedFile journal,
         review::ChainedFile::open(
             drafts.home + "/lookups.ndjson",
             count_into(asked, request.agent, to_rfc3339(request.at - kHourUs))));
  if (asked.by_agent >= kLookupsAnHour || asked.untold >= kUntoldAnHour)
    return fail(ErrorCode::kRefused,
                "too many look-ups in this hour: wait, or ask the officer whether somebody is "
                "trying out names or numbers");
  LookupAnswer answer;
  std::string requested, hash;
  if (request.letter.empty()) {
    hash = hash_of_person(drafts.key, request.name, request.born);
    for (const std::string& each : drafts.folders)
      BH_CHECK(find_letter_about(each, hash, requested));
    answer.text = kToAName;
  } else {
    const std::string number = read_letter_number(request.letter);
    answer.text = number.empty() ? "That is no number of a letter: please read it again."
                                 : "There is no letter with this number in this incident.";
    for (const std::string& each : drafts.folders) {
      BH_TRY(const std::vector<TrackedLetter> letters, tracked_letters(each));
      for (const TrackedLetter& letter : letters) {
        if (letter.number != number || number.empty()) continue;
        answer.by_letter = true;
        answer.text = words_for(letter);
      }
    }
  }
  journal.add([&](JsonWriter& json) {
    json.member("at", to_rfc3339(request.at));
    json.member("agent", request.agent);
    json.member("how", request.letter.empty() ? "name" : "letter");
    json.member("person", hash);  // who holds the key can tell whether somebody was asked for
    json.member("letter", answer.by_letter ? read_letter_number(request.letter) : std::string());
    json.member("requested", requested);
    json.member("told", answer.by_letter);
  });
  BH_CHECK(journal.commit());
  return answer;
}

Result<std::vector<std::string>> requested_letters(const std::string& folder) {
  BH_TRY(const Drafts drafts, drafts_of(folder));
  Asked asked;
  const std::string path = drafts.home + "/lookups.ndjson";
  BH_TRY(const std::string text, review::read_chained_text(path));
  BH_CHECK(review::read_chain(text, path, count_into(asked, "", "")));
  return std::vector<std::string>(asked.requested.begin(), asked.requested.end());
}

}  // namespace bulkhead::notify
