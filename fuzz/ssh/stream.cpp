// Whatever a stranger sends, from the first byte on. With plain text behind NEWKEYS a whole session
// is in reach.
#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bulkhead::ssh::fuzz::Driver driver;
  // The first byte says in what pieces it comes.
  if (size == 0) return 0;
  const std::size_t piece = data[0] == 0 ? SIZE_MAX : data[0];
  bulkhead::ByteView rest(data + 1, size - 1);
  while (!rest.empty() && !driver.ended()) {
    const std::size_t now = std::min(piece, rest.size());
    driver.feed(rest.first(now));
    rest = rest.subspan(now);
  }
  return 0;
}
