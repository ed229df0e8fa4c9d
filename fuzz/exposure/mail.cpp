// Any bytes as a mail, or as a mailbox where they begin so.
#include <string>
#include <string_view>

#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  static const exposure::ContainerLimits limits{.depth = 4, .members = 100, .total_bytes = 1 << 20};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string mail =
      text.starts_with("From ")
          ? std::string(text)
          : "From: Ed Roe <ed@example.org>\nTo: al@example.org\nSubject: x\nDate: x\n" +
                std::string(text);
  exposure::fuzz::analyse_anything(as_bytes(mail), {}, limits);
  return 0;
}
