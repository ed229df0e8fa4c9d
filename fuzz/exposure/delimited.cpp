// Any bytes, and the same as rows under a header.
#include <string>

#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  exposure::fuzz::analyse_anything({data, size});
  const std::string rows =
      "DCN,Last Name,First Name,DOB,SSN,Street Address,Guardian Last Name,Attending Physician Last "
      "Name\n" +
      std::string(reinterpret_cast<const char*>(data), size);
  exposure::fuzz::analyse_anything(as_bytes(rows));
  return 0;
}
