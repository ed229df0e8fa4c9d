// What a file is, from its first bytes. The name is never believed.
#pragma once

#include <string>
#include <string_view>

namespace bulkhead::exposure {

// kRecords: bytes that only a layout can explain. kArchive, kMail: other files lie in it.
enum class FormatClass {
  kEmpty,
  kX12,
  kHl7,
  kNcpdp,
  kFhirJson,
  kNacha,
  kArchive,
  kMail,
  kMaybeDelimited,
  kRecords,
  kOther
};

struct Sniffed {
  FormatClass what = FormatClass::kOther;
  std::string format;  // "x12", "pdf", "text"…; of kOther the name that the report shows
  std::string recognised_by;
};

// `head`: the first 64 KiB, or all of a smaller file.
Sniffed sniff(std::string_view head);

}  // namespace bulkhead::exposure
