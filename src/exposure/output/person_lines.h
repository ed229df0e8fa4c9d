// Lines of persons.ndjson. Most of such a line are the same few words again and again: what a file
// or a set of elements contributes is made once.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/json_writer.h"
#include "exposure/output/line_buffer.h"
#include "exposure/resolve/person_view.h"

namespace bulkhead::exposure {

// For one thread.
class PersonLines {
 public:
  explicit PersonLines(const std::vector<FileSummary>& files);
  // One line, with its end.
  void put(const PersonView& person, LineBuffer& out);

 private:
  void put_text(std::string_view text, LineBuffer& out);
  void put_texts(const std::vector<std::string_view>& texts, LineBuffer& out);
  void put_elements(ElementSet set, LineBuffer& out);
  void put_who(const PersonView& person, LineBuffer& out);
  void put_identifier(const IdentifierView& identifier, LineBuffer& out);
  void put_address(const AddressView& address, LineBuffer& out);
  void put_exposure(const PersonView& person, const ExposureView& exposure, LineBuffer& out);

  std::vector<std::string> files_;                       // {"file":…,"format":…,"elements":
  std::vector<std::string> evidence_;                    // by element: {"element":…,"offset":
  std::unordered_map<std::uint32_t, std::string> sets_;  // by bits
  std::string confidence_text_;
  double confidence_ = -1;
  JsonWriter json_;  // for texts with something to escape
};

// By name, as the contract shows them.
std::vector<std::string_view> sorted_words(ElementSet set);

}  // namespace bulkhead::exposure
