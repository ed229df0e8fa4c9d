// What corrections say about where mail goes: protected addresses and guardians. The rest of them
// is in the persons file already, because it was made with them; where it was not, that shows here.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "exposure/corrections/corrections.h"
#include "notify/input/persons.h"

namespace bulkhead::notify {

class CorrectedMail {
 public:
  // Null: there are none. It must outlive this. `enrolled_only`: the file is not of those whom
  // corrections are about, but of a roster; what is said of addresses holds there too.
  explicit CorrectedMail(const exposure::Corrections* corrections, bool enrolled_only = false);

  // For every person of the file, once. kRefused where the file was made without the corrections.
  Status note(const AffectedPerson& person);
  // Behind the last person.
  Status finish();

  // By the person's id in the file; null where nothing is said.
  const std::vector<std::string>* protected_lines(const std::string& id) const;
  struct Guardian {
    std::uint64_t correction = 0;  // its number
    std::string person;            // an id, usually of the file; or else
    std::string addressee;
    std::vector<std::string> lines;
  };
  const Guardian* guardian(const std::string& id) const;
  const std::map<std::string, Guardian>& guardians() const { return guardians_; }
  // Sentences about those that fit nobody.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  Status check(const exposure::Correction& correction, const AffectedPerson& person) const;

  bool enrolled_only_;
  std::vector<const exposure::Correction*> list_;
  std::multimap<std::string, std::size_t> by_person_;    // the first person of each
  std::multimap<std::string, std::size_t> by_any_;       // every person of merges and guardians
  std::map<std::size_t, std::set<std::string>> merged_;  // who is there of a merge
  std::set<std::size_t> seen_;
  std::map<std::string, std::vector<std::string>> protected_;
  std::map<std::string, Guardian> guardians_;
  std::map<std::size_t, std::string> guardian_persons_;  // by correction, the id in the file
  std::map<std::size_t, std::string> wards_;
  std::vector<std::string> warnings_;
};

// The lines under a name.
std::vector<std::string> mail_lines(const exposure::CorrectedAddress& address);

}  // namespace bulkhead::notify
