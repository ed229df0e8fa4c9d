// Any bytes as HL7 v2; what does not start with a header is put behind one first.
#include <iterator>
#include <string>
#include <string_view>

#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("MSH") || text.starts_with("FHS") || text.starts_with("BHS")) {
    exposure::fuzz::analyse_anything({data, size});
    return 0;
  }
  static constexpr std::string_view kEvents[] = {"ADT^A01", "ADT^A24", "ADT^A40", "ADT^A44",
                                                 "ORU^R01", "QBP^Q22", "DFT^P03"};
  const std::string_view event = kEvents[size > 0 ? data[0] % std::size(kEvents) : 0];
  const std::string wrapped = "MSH|^~\\&|A|B|C|D|20230526||" + std::string(event) +
                              "|1|P|2.5\rPID|1||1^^^A^MR||DOE^JANE||19740309\r" + std::string(text);
  exposure::fuzz::analyse_anything(as_bytes(wrapped));
  return 0;
}
