// Any bytes as NCPDP; what is none is put behind a header first.
#include <string>
#include <string_view>

#include "exposure/readers/ncpdp_syntax.h"
#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (exposure::looks_like_ncpdp(text)) {
    exposure::fuzz::analyse_anything({data, size});
    return 0;
  }
  const std::string wrapped =
      "610442D0B1MOMEDICAID1011427051234     20230526SW1       \x1E\x1C"
      "AM01\x1C"
      "CAJANE\x1C"
      "CBDOE\x1E\x1C"
      "AM" +
      std::string(text);
  exposure::fuzz::analyse_anything(as_bytes(wrapped));
  return 0;
}
