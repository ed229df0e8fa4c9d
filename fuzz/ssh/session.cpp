// Messages of a logged-in client: channels, windows, re-exchange, time.
#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bulkhead::ssh::fuzz::Driver driver;
  driver.exchange_keys();
  driver.log_in();
  driver.run({data, size});
  return 0;
}
