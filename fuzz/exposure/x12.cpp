// Any bytes as an X12 file; what does not start like one is put into a transaction set first.
#include <string>

#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("ISA") || text.starts_with("GS") || text.starts_with("ST")) {
    exposure::fuzz::analyse_anything({data, size});
    return 0;
  }
  const char* const start =
      size > 0 && (data[0] & 1) != 0 ? "ST*834*0001*005010X220A1~" : "ST*837*0001*005010X222A1~";
  const std::string wrapped = start + std::string(text);
  exposure::fuzz::analyse_anything(as_bytes(wrapped));
  return 0;
}
