// Any bytes as an X12 file; what does not start like one is put into a transaction set first.
#include <iterator>
#include <string>
#include <string_view>

#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("ISA") || text.starts_with("GS") || text.starts_with("ST")) {
    exposure::fuzz::analyse_anything({data, size});
    return 0;
  }
  static constexpr std::string_view kSets[] = {"834", "837", "835", "820",
                                               "271", "277", "278", "999"};
  const std::string_view set = kSets[size > 0 ? data[0] % std::size(kSets) : 0];
  const std::string start = "ST*" + std::string(set) + "*0001~";
  const std::string wrapped = start + std::string(text);
  exposure::fuzz::analyse_anything(as_bytes(wrapped));
  return 0;
}
