// Any bytes as a table of marks, and as a sample.
#include <cstdint>
#include <string_view>

#include "notify/review/sample/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  review::Marks marks;
  static_cast<void>(review::read_marks(text, "marks.csv", marks));
  const auto sample = review::parse_sample(text, "sample.ndjson");
  if (!sample) return 0;
  // What was read is written so that it reads the same, and can be reported on.
  const auto again = review::parse_sample(review::sample_text(*sample), "sample.ndjson");
  BH_ASSERT(again.has_value());
  BH_ASSERT(again->units.size() == sample->units.size());
  static_cast<void>(review::report(*sample, {}, 0.02));
  return 0;
}
