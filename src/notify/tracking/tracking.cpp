#include "notify/tracking/tracking.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "notify/letters/letter_number.h"
#include "notify/review/chained_file.h"

namespace bulkhead::notify {
namespace {

constexpr std::array<std::string_view, 5> kWords = {"drafted", "sent", "returned", "re-sent",
                                                    "answered"};
constexpr std::size_t kLettersAnEntry = 10'000;
constexpr std::size_t kPersonsAnEntry = 50'000;
constexpr std::size_t kWordsBytesMost = 200, kNoteBytesMost = 2000;

bool may_become(LetterState from, LetterState to) {
  switch (to) {
    case LetterState::kDrafted:
      return false;
    case LetterState::kSent:
      return from == LetterState::kDrafted;
    case LetterState::kReturned:
    case LetterState::kAnswered:
      return from == LetterState::kSent || from == LetterState::kResent;
    case LetterState::kResent:
      return from == LetterState::kReturned;
  }
  return false;
}

bool goes_out(LetterState state) {
  return state == LetterState::kSent || state == LetterState::kResent;
}

// "A B" as "A" and "B".
Result<std::pair<std::string, std::string>> halves(const review::JsonObject& line,
                                                   std::string_view key, std::string_view both) {
  const std::size_t blank = both.find(' ');
  if (blank == std::string_view::npos || blank == 0 || blank + 1 == both.size())
    return line.wrong(fmt::format("{}: two words are expected", key));
  return std::pair(std::string(both.substr(0, blank)), std::string(both.substr(blank + 1)));
}

// Letters and their marks.
class Book {
 public:
  Status read_draft(const std::string& path) {
    review::JsonLineParser parser(path);
    const auto take = [&](std::string_view text, std::uint64_t number) -> Status {
      BH_TRY(const review::JsonObject line, parser.parse(text, number));
      TrackedLetter letter;
      BH_TRY(letter.number, line.text("letter"));
      if (read_letter_number(letter.number) != letter.number)
        return line.wrong("letter: is no number of a letter");
      BH_TRY(letter.audience, line.text("audience"));
      BH_TRY(letter.persons, line.texts("persons"));
      BH_TRY(letter.enrolled_only, line.truth("enrolled"));
      BH_TRY(const std::vector<std::string> formerly, line.texts("formerly"));
      for (const std::string& both : formerly) {
        BH_TRY(auto ids, halves(line, "formerly", both));
        letter.formerly.push_back(std::move(ids));
      }
      if (!at_.emplace(letter.number, letters_.size()).second)
        return line.wrong("letter: is there twice");
      letters_.push_back(std::move(letter));
      return {};
    };
    BH_TRY(const review::LinesRead read, review::for_each_line(path, take));
    if (read.unfinished) return fail(ErrorCode::kMalformed, path + ": is not whole");
    return {};
  }

  Status take_entry(const review::JsonObject& entry) {
    BH_TRY(const std::string word, entry.text("state"));
    const auto state = letter_state_from(word);
    if (!state) return entry.wrong("state: none that this release knows");
    BH_TRY(const std::string at, entry.text("at"));
    BH_TRY(const std::string by, entry.text("by"));
    BH_TRY(const std::string batch, entry.text("batch"));
    BH_TRY(const std::vector<std::string> numbers, entry.texts("letters"));
    BH_TRY(const std::set<std::string> name_more, take_told(entry));
    for (const std::string& number : numbers) {
      TrackedLetter& letter = find_or_add(number);
      const bool more = *state == LetterState::kSent && name_more.contains(number);
      if (!may_become(letter.state, *state) && !more)
        return entry.wrong("a letter cannot become that after what it was");
      letter.state = *state;
      letter.at = at;
      letter.by = by;
      letter.batch = batch;
    }
    return {};
  }

  // Behind the last entry.
  void settle() {
    for (const TrackedLetter& letter : letters_) {
      for (const auto& [id, former] : letter.formerly)
        came_of_[former].insert(id);
    }
    for (TrackedLetter& letter : letters_) {
      if (!letter.in_draft) continue;
      settle_told(letter);
      if (letter.told != ToldBefore::kYes) {
        letter.state = LetterState::kDrafted;
      } else if (letter.state != LetterState::kDrafted) {  // it was itself that told them
        letter.told = ToldBefore::kNo;
        letter.told_as.clear();
      }
    }
  }

  TrackedLetter* find(const std::string& number) {
    const auto at = at_.find(number);
    return at == at_.end() ? nullptr : &letters_[at->second];
  }
  std::vector<TrackedLetter>& letters() { return letters_; }

 private:
  TrackedLetter& find_or_add(const std::string& number) {
    const auto [at, is_new] = at_.emplace(number, letters_.size());
    if (is_new) letters_.push_back({.number = number, .in_draft = false});
    return letters_[at->second];
  }

  // Whom the letters of an entry named. The numbers of those that named somebody for the first
  // time.
  Result<std::set<std::string>> take_told(const review::JsonObject& entry) {
    BH_TRY(const std::vector<std::string> told, entry.texts("told"));
    std::set<std::string> name_more;
    for (const std::string& both : told) {
      BH_TRY(auto number_and_id, halves(entry, "told", both));
      auto& [number, id] = number_and_id;
      TrackedLetter& letter = find_or_add(number);
      if (!letter.in_draft) letter.persons.push_back(id);
      if (told_by_.try_emplace(std::move(id), number).second) name_more.insert(number);
    }
    return name_more;
  }

  void settle_told(TrackedLetter& letter) {
    letter.told = ToldBefore::kYes;
    for (const std::string& id : letter.persons) {
      const auto [told, as] = told_before(letter, id);
      letter.told = std::min(letter.told, told);
      if (told != ToldBefore::kNo && as != letter.number) letter.told_as = as;
      if (letter.told == ToldBefore::kNo) break;
    }
    if (letter.told == ToldBefore::kNo) letter.told_as.clear();
  }

  std::pair<ToldBefore, std::string> told_before(const TrackedLetter& letter,
                                                 const std::string& id) const {
    if (const auto at = told_by_.find(id); at != told_by_.end())
      return {ToldBefore::kYes, at->second};
    std::pair<ToldBefore, std::string> best{ToldBefore::kNo, ""};
    for (const auto& [now, former] : letter.formerly) {
      const auto at = now == id ? told_by_.find(former) : told_by_.end();
      if (at == told_by_.end()) continue;
      const bool sure = came_of_.at(former).size() == 1;
      if (sure) return {ToldBefore::kYes, at->second};
      best = {ToldBefore::kPerhaps, at->second};
    }
    return best;
  }

  std::vector<TrackedLetter> letters_;
  std::map<std::string, std::size_t> at_;
  std::map<std::string, std::string> told_by_;            // person: the first letter that went
  std::map<std::string, std::set<std::string>> came_of_;  // a former id: whose it was
};

review::TakeEntry into(Book& book) {
  return [&book](const review::JsonObject& entry, std::uint64_t) { return book.take_entry(entry); };
}

// Why not; empty: it can be.
std::string why_not(const TrackedLetter* letter, LetterState to, bool by_name) {
  if (letter == nullptr) return "is no letter of this draft";
  if (to == LetterState::kSent && letter->told == ToldBefore::kYes)
    return fmt::format("the same people were told by letter {}, before a correction",
                       letter->told_as);
  if (to == LetterState::kSent && letter->told == ToldBefore::kPerhaps && !by_name)
    return fmt::format(
        "somebody in it was perhaps told by letter {}, before a split: to send it all the same, "
        "name it",
        letter->told_as);
  if (to == LetterState::kSent && !letter->in_draft) return "is not in this draft any more";
  if (may_become(letter->state, to)) return "";
  return fmt::format("is {}, and cannot become {}", to_string(letter->state), to_string(to));
}

Result<std::vector<std::string>> wanted_numbers(Book& book, const MarkRequest& request) {
  std::vector<std::string> numbers;
  if (request.all_drafted) {
    for (const TrackedLetter& letter : book.letters()) {
      if (letter.state == LetterState::kDrafted && letter.in_draft)
        numbers.push_back(letter.number);
    }
    return numbers;
  }
  for (const std::string& written : request.numbers) {
    std::string number = read_letter_number(written);
    if (number.empty())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is no number of a letter: is it misread?", written));
    if (std::find(numbers.begin(), numbers.end(), number) == numbers.end())
      numbers.push_back(std::move(number));
  }
  return numbers;
}

}  // namespace

std::string_view to_string(LetterState state) {
  return kWords[static_cast<std::size_t>(state)];
}

Result<LetterState> letter_state_from(std::string_view word) {
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (kWords[i] == word) return static_cast<LetterState>(i);
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is no state: sent, returned, re-sent or answered", word));
}

Result<std::vector<TrackedLetter>> tracked_letters(const std::string& folder) {
  Book book;
  BH_CHECK(book.read_draft(folder + "/letters.ndjson"));
  const std::string path = folder + "/tracking.ndjson";
  BH_TRY(const std::string text, review::read_chained_text(path));
  BH_CHECK(review::read_chain(text, path, into(book)));
  book.settle();
  return std::move(book.letters());
}

Result<MarkOutcome> mark_letters(const std::string& folder, const MarkRequest& request) {
  if (request.by.empty() || !review::is_text(request.by, kWordsBytesMost))
    return fail(ErrorCode::kInvalidArgument, "say who you are: --by NAME");
  if (!review::is_text(request.batch, kWordsBytesMost))
    return fail(ErrorCode::kInvalidArgument, "--batch: is too long, or has control characters");
  if (!review::is_text(request.note, kNoteBytesMost))
    return fail(ErrorCode::kInvalidArgument, "--note: is too long, or has control characters");
  Book book;
  BH_CHECK(book.read_draft(folder + "/letters.ndjson"));
  BH_TRY(review::ChainedFile file,
         review::ChainedFile::open(folder + "/tracking.ndjson", into(book)));
  book.settle();
  BH_TRY(const std::vector<std::string> numbers, wanted_numbers(book, request));
  MarkOutcome outcome;
  std::vector<std::string> marked;
  for (const std::string& number : numbers) {
    const TrackedLetter* letter = book.find(number);
    if (letter != nullptr && letter->state == request.to) {
      ++outcome.already;
      continue;
    }
    const std::string reason = why_not(letter, request.to, !request.all_drafted);
    if (reason.empty())
      marked.push_back(number);
    else
      outcome.refused.push_back(fmt::format("{}: {}", number, reason));
  }
  for (std::size_t from = 0, end = 0; from < marked.size(); from = end) {
    std::vector<std::string> told;  // "NUMBER ID"
    for (end = from; end < marked.size() && end - from < kLettersAnEntry; ++end) {
      if (!goes_out(request.to)) continue;
      const std::vector<std::string>& persons = book.find(marked[end])->persons;
      if (end > from && told.size() + persons.size() > kPersonsAnEntry) break;
      for (const std::string& id : persons)
        told.push_back(marked[end] + " " + id);
    }
    file.add([&](JsonWriter& json) {
      json.member("at", to_rfc3339(request.at));
      json.member("by", request.by);
      json.member("state", to_string(request.to));
      json.member("batch", request.batch);
      json.member("note", request.note);
      json.key("letters");
      json.begin_array();
      for (std::size_t i = from; i < end; ++i)
        json.value(marked[i]);
      json.end_array();
      json.key("told");
      json.begin_array();
      for (const std::string& one : told)
        json.value(one);
      json.end_array();
    });
  }
  if (!marked.empty()) BH_CHECK(file.commit());
  outcome.marked = marked.size();
  return outcome;
}

}  // namespace bulkhead::notify
