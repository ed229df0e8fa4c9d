// Any bytes as a line of persons.ndjson.
#include <cstdint>
#include <string_view>

#include "notify/input/persons.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static bulkhead::notify::PersonLineParser parser;
  const auto person =
      parser.parse({reinterpret_cast<const char*>(data), size}, "persons.ndjson", 1);
  if (person) {
    static_cast<void>(person->display_name());
    static_cast<void>(person->mail_address());
    static_cast<void>(person->state());
  }
  return 0;
}
