// Joins PDFs that cairo 1.16 wrote into one, while they come: numbers of objects are shifted, page
// trees and structure trees hang under new roots. Memory does not grow with the result. Made for
// cairo's own output and nothing else: what does not look like it is an error, never a guess.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bulkhead::notify {

class PdfJoiner {
 public:
  using Sink = std::function<Status(std::string_view)>;
  // `title` and `language` ("en") go into the document's properties.
  PdfJoiner(Sink sink, std::string title, std::string language);

  Status add(std::string_view part);
  Status finish();  // after at least one part

 private:
  Status put(std::string_view bytes);
  Status put_object(std::uint64_t number, std::string_view body);
  Status add_object(std::string_view object, std::uint64_t number);
  Result<std::string> shifted(std::string_view text) const;
  Status take_pages(std::string& body);
  Status take_parent_tree(std::string& body, std::uint64_t number);
  Status take_structure(std::string& body, std::uint64_t number);
  Status put_cross_references();

  Sink sink_;
  std::string title_, language_;
  std::uint64_t written_ = 0;
  std::uint64_t first_ = 0;         // what the objects' numbers of this part are shifted by
  std::uint64_t next_number_;       // of the object after the last part
  std::uint64_t pages_before_ = 0;  // keys of the parent tree, one a page
  std::uint64_t pages_ = 0;
  std::vector<std::uint64_t> offsets_;  // of every object; 0 where there is none
  std::vector<std::uint64_t> page_trees_, parent_trees_, structures_;  // one a part
};

}  // namespace bulkhead::notify
