// Any bytes as an ACH file; what is none is put behind a header and a batch of some class.
#include <iterator>
#include <string>
#include <string_view>

#include "exposure/readers/nacha_reader.h"
#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (exposure::looks_like_nacha(text)) {
    exposure::fuzz::analyse_anything({data, size});
    return 0;
  }
  static constexpr std::string_view kClasses[] = {"PPD", "CIE", "MTE", "ENR", "DNE",
                                                  "IAT", "SHR", "COR", "CCD"};
  const std::string code(kClasses[size > 0 ? data[0] % std::size(kClasses) : 0]);
  const std::string wrapped =
      "101 08100021014460009872305260200A094101\n5220MO HEALTHNET                        "
      "1446000987" +
      code + "PAY       230526230526   1081000210000001\n" + std::string(text);
  exposure::fuzz::analyse_anything(as_bytes(wrapped));
  return 0;
}
