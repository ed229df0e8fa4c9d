// Any bytes as FHIR in JSON; what is none is put into a resource first.
#include <string>
#include <string_view>

#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool whole =
      text.starts_with("{") && text.find("\"resourceType\"") != std::string_view::npos;
  const std::string wrapped =
      whole ? std::string(text)
            : "{\"resourceType\":\"Patient\",\"id\":\"1\"}\n{\"resourceType\":\"Claim\"," +
                  std::string(text);
  exposure::fuzz::analyse_anything(as_bytes(wrapped));
  return 0;
}
