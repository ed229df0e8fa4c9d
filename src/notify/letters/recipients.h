// Who gets which letter. Decides for each person: by themselves, with a guardian, through an agency
// or a representative, or not at all and why. Nobody is dropped.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "notify/input/facts.h"
#include "notify/input/persons.h"
#include "notify/letters/corrected_mail.h"
#include "notify/letters/letter.h"
#include "notify/letters/template.h"
#include "notify/rules/rules.h"

namespace bulkhead::notify {

// How many people a rule is about, for its thresholds.
struct RuleCounts {
  std::uint64_t persons = 0;
  std::uint64_t without_address = 0;               // living, and no letter reaches them
  std::map<std::string, std::uint64_t> residents;  // by state; "" where unknown
};

struct Totals {
  std::uint64_t persons = 0, letters = 0, persons_written_to = 0, persons_not_written = 0;
  std::map<std::string, std::uint64_t> by_state;
  std::vector<RuleCounts> by_rule;  // as Rules::rules
  exposure::ElementSet elements;    // of everybody that a rule covers
  bool sensitive = false;           // somebody among them
  std::vector<std::string> warnings;
};

// Goes through persons.ndjson three times, so that memory does not grow with it but with the number
// of minors and deceased people in it (some hundred bytes each).
class Recipients {
 public:
  // All must outlive it. `number_key`: see letter_number.h. `enrolled_only`: the file holds those
  // of a roster who are in none of the files, and is refused where it holds anybody else; otherwise
  // the other way round.
  Recipients(const Facts& facts, const Rules& rules, const Template& first_language,
             Bytes number_key, const exposure::Corrections* corrections = nullptr,
             bool enrolled_only = false);

  // Why a letter to this addressee, or (without an address) about somebody of this name, cannot be
  // set; "" where it can. Asked for minors and whom they and the dead are related to, so that one
  // name that cannot be printed costs nobody else their letter. Not set: everything can.
  using WhyNotSet =
      std::function<std::string(const std::string& name, const std::vector<std::string>& address)>;
  void ask_what_can_be_set(WhyNotSet ask) { why_not_set_ = std::move(ask); }

  // The first two passes: relations, guardians, protected addresses.
  Status prepare(const std::string& persons_path);

  using TakeLetter = std::function<Status(Letter)>;
  using TakeNotWritten = std::function<Status(NotWritten)>;
  // The third: every letter and every person without one, in the order of the file.
  Result<Totals> write(const std::string& persons_path, const TakeLetter& take_letter,
                       const TakeNotWritten& take_not_written);

 private:
  // Somebody that a minor or a deceased person is related to.
  struct Relative {
    std::string name;
    std::vector<std::string> address;
    exposure::Role role = exposure::Role::kOther;
    // A letter cannot go there: nameless, a minor, dead, without an address, not to be printed.
    std::string why_not;
  };
  struct Destination {
    std::string addressee;
    std::vector<std::string> lines;
  };
  struct Minor {
    LetterPerson who;
    std::vector<std::string> related_to;
    std::vector<std::string> own_address;
    std::uint32_t rules = 0;
    std::string state;
    bool alone = false;  // the name cannot be set: nobody shares a letter with them
  };

  Status note_person(const AffectedPerson& person);
  Status note_relative(const AffectedPerson& person);
  void group_minors();
  bool is_minor(const AffectedPerson& person) const;
  Status check_basis(const AffectedPerson& person) const;
  std::uint32_t rules_for(const AffectedPerson& person) const;
  const std::vector<std::string>* protected_address(const std::string& id) const;
  const std::pair<const std::string, Relative>* best_relative(
      const std::vector<std::string>& related, const std::vector<std::string>& own_address) const;
  Result<Letter> letter_for(const AffectedPerson& person, std::uint32_t rules);
  std::string why_not(const AffectedPerson& person, const Relative& relative) const;
  Result<std::optional<Destination>> corrected_guardian(const std::string& id);
  Result<Letter> for_deceased(const AffectedPerson& person, Letter letter);
  Result<Letter> for_minor(const AffectedPerson& person, Letter letter);
  Result<Letter> addressed(Letter letter, std::string addressee, std::vector<std::string> lines);
  LetterPerson letter_person(const AffectedPerson& person, std::uint32_t rules) const;
  void force_guardians();
  std::string why_no_rule(const AffectedPerson& person) const;
  void count(const AffectedPerson& person, std::uint32_t rules, bool written, Totals& totals) const;

  const Facts& facts_;
  const Rules& rules_;
  const Template& words_;
  Bytes number_key_;
  CorrectedMail corrected_;
  bool enrolled_only_;
  WhyNotSet why_not_set_;
  std::map<std::string, std::vector<std::string>> protected_;  // by person
  std::set<std::string> custody_;
  std::set<std::size_t> protected_seen_, custody_seen_;  // entries of the facts that met somebody
  std::set<std::string> wanted_;                         // relatives, until they are found
  std::map<std::string, Relative> relatives_;
  std::map<std::string, Minor> minors_;                          // those that may share
  std::map<std::string, std::vector<std::string>> by_guardian_;  // guardian -> minors
  std::map<std::string, std::string> guardian_of_;               // minor -> guardian
  std::vector<std::string> warnings_;  // about guardians who cannot be written to
  std::set<std::string> enclosed_;     // minors whose letter was written with a sibling's
};

// The lines under the name: "100 MAIN ST", "ROLLA, MO 65401-1234".
std::vector<std::string> mail_lines(const exposure::PersonAddress& address);

}  // namespace bulkhead::notify
