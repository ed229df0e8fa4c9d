// What became of each letter of a draft. The drafts' folder holds letters.ndjson (which there are)
// and tracking.ndjson (what happened to them), append-only: a mark is on disk before it is told,
// and a crash leaves some of the letters of a command marked, the rest for its next run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace bulkhead::notify {

enum class LetterState { kDrafted, kSent, kReturned, kResent, kAnswered };
std::string_view to_string(LetterState state);  // "drafted", "sent", "returned", "re-sent"…
Result<LetterState> letter_state_from(std::string_view word);

// Whether letters with other numbers have told the people of a letter, before corrections.
enum class ToldBefore {
  kNo,       // not all of them
  kPerhaps,  // one of them was somebody else's record then, who was told: a split
  kYes,      // each of them
};

// People, not numbers, are what must not be told twice and must not be left out: corrections and
// new files put people into other letters.
struct TrackedLetter {
  std::string number, audience;
  std::vector<std::string> persons;  // ids of whom it names
  bool enrolled_only = false;        // in none of the files; not known of an earlier draft's
  std::vector<std::pair<std::string, std::string>> formerly;  // of them: an id, and one before
  // Drafted too where it was sent and names somebody now whom no letter has told.
  LetterState state = LetterState::kDrafted;
  std::string at, by, batch;  // of the last mark
  ToldBefore told = ToldBefore::kNo;
  std::string told_as;   // unless kNo: such a letter
  bool in_draft = true;  // false: an earlier draft's, that the present one lacks
};

// In the order of the draft, then those that it lacks. Both files are hostile: kMalformed,
// kCorrupt.
Result<std::vector<TrackedLetter>> tracked_letters(const std::string& folder);

struct MarkRequest {
  LetterState to = LetterState::kSent;
  std::vector<std::string> numbers;  // as people write them
  bool all_drafted = false;          // instead: every letter that was not sent yet
  std::string batch, by, note;
  UnixMicros at = 0;
};
struct MarkOutcome {
  std::uint64_t marked = 0, already = 0;
  std::vector<std::string> refused;  // "7K2P-…: is not sent yet"
};
// Marks what may be marked: sent once, returned and answered when sent, re-sent when returned. What
// is so already stays as it is and is counted; what cannot be is told. Whose people were perhaps
// told is sent only where its number is named.
Result<MarkOutcome> mark_letters(const std::string& folder, const MarkRequest& request);

}  // namespace bulkhead::notify
