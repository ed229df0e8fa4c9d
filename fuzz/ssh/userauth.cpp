// Messages of a client between key exchange and login; signatures are verified.
#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bulkhead::ssh::fuzz::Driver driver;
  driver.exchange_keys();
  driver.run({data, size});
  return 0;
}
