// Which of the sampled records are headers and trailers, and whether there are several kinds.
#pragma once

#include <string>
#include <vector>

#include "exposure/infer/record_forms.h"

namespace bulkhead::exposure {

struct RecordSort {
  std::string mark;  // as Latin-1; empty where there is one kind only
  std::vector<std::string_view> records;
};

struct RecordSorts {
  std::uint32_t headers = 0, trailers = 0;
  std::uint32_t mark_at = 0, mark_length = 0;  // 0: one kind
  std::vector<RecordSort> sorts;               // by mark
};

// Every sampled record is in one of the sorts, or among the headers and trailers.
RecordSorts sort_records(const RecordForm& form);

}  // namespace bulkhead::exposure
