// The inference of layouts from any bytes: what it shows reads back, and a file is read with it as
// with any other layout.
#include "exposure/infer/infer_layout.h"
#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  using namespace bulkhead::exposure;
  if (size > 64 * 1024) return 0;
  static const Rules rules = default_rules();
  const ByteView bytes(data, size);
  for (const bool ebcdic : {false, true}) {
    const auto inference = infer_layout(as_text(bytes), size, ebcdic, rules);
    if (!inference) continue;
    exposure::fuzz::check(inference->sure >= 0 && inference->sure <= 1);
    exposure::fuzz::check(inference->sure >= kSureEnough || !inference->doubt.empty());
    const auto layout = parse_layout(inference_yaml(*inference), "shown", rules);
    exposure::fuzz::check(layout.has_value());
    exposure::fuzz::analyse_anything(bytes, {.given = {*layout}, .beside = {}});
  }
  exposure::fuzz::analyse_anything(bytes);
  return 0;
}
