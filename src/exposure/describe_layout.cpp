// `bulkhead layout`: what is inferred of a file without a layout.
#include <fmt/format.h>

#include <algorithm>

#include "exposure/exposure.h"
#include "exposure/infer/infer_layout.h"
#include "exposure/readers/sniff.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kHeadBytes = 64 * 1024;

}  // namespace

Result<LayoutDescription> describe_layout(ByteSource& source, const Rules& rules) {
  Bytes buffer(std::min<std::uint64_t>(kHeadBytes, source.size()));
  BH_TRY(const std::size_t count, source.read_at(0, buffer));
  const std::string_view head = as_text(ByteView(buffer).first(count));
  const Sniffed what = sniff(head);
  if (what.what != FormatClass::kMaybeDelimited && what.what != FormatClass::kRecords) {
    return fail(ErrorCode::kNotFound,
                fmt::format("it says itself what it is ({}): no layout is needed", what.format));
  }
  const auto inference = infer_layout(head, source.size(), what.format == "ebcdic", rules);
  if (!inference) {
    return fail(ErrorCode::kNotFound,
                "its bytes show no records: neither lines in columns, nor a length that repeats "
                "and divides its size, nor records that begin with their length");
  }
  return LayoutDescription{.yaml = inference_yaml(*inference),
                           .sure = inference->sure >= kSureEnough,
                           .doubt = inference->doubt};
}

}  // namespace bulkhead::exposure
