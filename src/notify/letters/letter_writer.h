// All letters into one PDF and one list for the mail house: composed here, set by several threads,
// joined in order. A bounded number of parts is under way at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "notify/letters/compose.h"

namespace bulkhead::notify {

struct LetterOutputs {
  std::function<Status(std::string_view)> pdf;
  // Called in the order of the letters. `first_page` counts from 1; 0 pages where it was refused,
  // and then why.
  std::function<Status(const Letter&, std::uint64_t first_page, unsigned pages,
                       const std::string& refused)>
      set;
};

class LetterWriter {
 public:
  // `languages`, `facts` and `rules` must outlive it.
  static Result<std::unique_ptr<LetterWriter>> create(const std::vector<LanguageTexts>& languages,
                                                      const Facts& facts, const Rules& rules,
                                                      unsigned threads, LetterOutputs outputs);
  ~LetterWriter();

  Status add(Letter letter);
  Result<std::uint64_t> finish();  // how many pages; 0: there is no PDF

 private:
  struct State;
  explicit LetterWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::notify
