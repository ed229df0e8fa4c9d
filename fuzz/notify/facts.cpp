// Any bytes as a facts file.
#include <cstdint>
#include <string_view>

#include "notify/input/facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(
      bulkhead::notify::parse_facts({reinterpret_cast<const char*>(data), size}, "facts.yaml"));
  return 0;
}
