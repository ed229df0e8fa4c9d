// Any bytes as a file of corrections. The chain of hashes would keep a fuzzer at the first line, so
// the entry behind it is tried by itself as well.
#include <cstdint>
#include <string_view>

#include "notify/review/correction_entry.h"
#include "notify/review/corrections_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(review::parse_corrections(text, "corrections.ndjson"));
  static review::JsonLineParser parser("corrections.ndjson");
  const auto line = parser.parse(text, 1);
  if (!line) return 0;
  const auto entry = review::read_entry(*line, 1);
  if (!entry || entry->what != review::CorrectionEntry::What::kCorrection) return 0;
  // What was read is written so that it reads the same.
  JsonWriter json;
  json.begin_object();
  json.member("at", entry->at);
  json.member("by", entry->by);
  json.member("why", entry->why);
  review::write_correction(json, entry->correction);
  json.end_object();
  const auto again = parser.parse(json.text(), 1);
  BH_ASSERT(again.has_value());
  BH_ASSERT(review::read_entry(*again, 1).has_value());
  return 0;
}
