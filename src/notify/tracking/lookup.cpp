#include "notify/tracking/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/fd.h"
#include "crypto/digest.h"
#include "notify/input/dates.h"
#include "notify/letters/letter_number.h"
#include "notify/review/chained_file.h"
#include "notify/tracking/tracking.h"

namespace bulkhead::notify {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kHashBytes = 16;
constexpr std::int64_t kHourUs = 3600 * kMicrosPerSecond;

constexpr std::string_view kToAName =
    "Nothing can be said by telephone about a name. If there is a letter for this person, it goes "
    "to the address that is known to us. With the letter at hand, ask for its number.";

// Letters only, so that "O'Neil" and "ONEIL" are one.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c >= 'a' && c <= 'z')
      plain += static_cast<char>(c - 32);
    else if ((c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80)
      plain += c;
  }
  return plain;
}

std::string hash_of_person(ByteView key, std::string_view name, std::string_view born) {
  const std::string message = fmt::format("bulkhead look-up 1|{}|{}", plain_name(name), born);
  const crypto::Sha256 digest = crypto::hmac_sha256(key, as_bytes(message));
  return to_hex(ByteView(digest).first(kHashBytes));
}

struct Asked {
  std::uint64_t by_agent = 0, untold = 0;
  std::set<std::string> requested;
};

// `since` as RFC 3339 of UTC, which sorts as it is.
review::TakeEntry count_into(Asked& asked, std::string agent, std::string since) {
  return [&asked, agent = std::move(agent), since = std::move(since)](
             const review::JsonObject& entry, std::uint64_t) -> Status {
    BH_TRY(const std::string at, entry.text("at"));
    BH_TRY(const std::string by, entry.text("agent"));
    BH_TRY(const std::string requested, entry.text("requested"));
    BH_TRY(const bool told, entry.truth("told"));
    if (!requested.empty()) asked.requested.insert(requested);
    if (at < since) return {};
    asked.by_agent += by == agent ? 1 : 0;
    asked.untold += told ? 0 : 1;
    return {};
  };
}

// Goes through all of it, whoever is asked for: the time that it takes tells nothing.
Result<std::string> letter_about(const std::string& folder, const std::string& hash) {
  std::string letter;
  const auto take = [&](std::string_view line, std::uint64_t) -> Status {
    const bool same = line.size() > hash.size() + 1 &&
                      std::equal(hash.begin(), hash.end(), line.begin()) &&
                      line[hash.size()] == ' ';
    if (same) letter = line.substr(hash.size() + 1);
    return {};
  };
  BH_CHECK(review::for_each_line(folder + "/lookup.index", take));
  return letter;
}

std::string words_for(const TrackedLetter& letter) {
  const std::string state =
      letter.state == LetterState::kDrafted
          ? "is not sent yet"
          : fmt::format("{} on {}", to_string(letter.state), letter.at.substr(0, 10));
  return fmt::format(
      "Letter {} is of this incident: {}. It is about {}. What it lists was in the files; nothing "
      "more is told by telephone.",
      letter.number, state,
      letter.persons == 1 ? "one person" : fmt::format("{} people", letter.persons));
}

Status check(const LookupRequest& request) {
  if (request.agent.empty()) return fail(ErrorCode::kInvalidArgument, "say who asks: --agent NAME");
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
  auto key = read_file(folder + "/numbers.key", kKeyBytes);
  if (!key && key.error().code == ErrorCode::kNotFound)  // drafts/enrolled
    key = read_file(folder + "/../numbers.key", kKeyBytes);
  if (!key) return std::unexpected(key.error());
  Asked asked;
  BH_TRY(review::ChainedFile journal,
         review::ChainedFile::open(
             folder + "/lookups.ndjson",
             count_into(asked, request.agent, to_rfc3339(request.at - kHourUs))));
  if (asked.by_agent >= kLookupsAnHour || asked.untold >= kUntoldAnHour)
    return fail(ErrorCode::kRefused,
                "too many look-ups in this hour: wait, or ask the officer whether somebody is "
                "trying out names or numbers");
  LookupAnswer answer;
  std::string requested, hash;
  if (request.letter.empty()) {
    hash = hash_of_person(*key, request.name, request.born);
    BH_TRY(requested, letter_about(folder, hash));
    answer.text = kToAName;
  } else {
    const std::string number = read_letter_number(request.letter);
    answer.text = number.empty() ? "That is no number of a letter: please read it again."
                                 : "There is no letter with this number in this incident.";
    BH_TRY(const std::vector<TrackedLetter> letters, tracked_letters(folder));
    for (const TrackedLetter& letter : letters) {
      if (letter.number != number || number.empty()) continue;
      answer.by_letter = true;
      answer.text = words_for(letter);
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
  Asked asked;
  const std::string path = folder + "/lookups.ndjson";
  BH_TRY(const std::string text, review::read_chained_text(path));
  BH_CHECK(review::read_chain(text, path, count_into(asked, "", "")));
  return std::vector<std::string>(asked.requested.begin(), asked.requested.end());
}

}  // namespace bulkhead::notify
