// One line of corrections.ndjson.
#pragma once

#include <string>

#include "base/json_writer.h"
#include "exposure/corrections/corrections.h"
#include "notify/review/json_line.h"

namespace bulkhead::review {

struct CorrectionEntry {
  enum class What { kCorrection, kConfirmation, kWithdrawal };
  What what = What::kCorrection;
  std::string at, by, why;
  std::uint64_t of = 0;  // which correction is confirmed or withdrawn
  exposure::Correction correction;
};

Result<CorrectionEntry> read_entry(const JsonObject& line, std::uint64_t number);
// The members that say what is corrected.
void write_correction(JsonWriter& json, const exposure::Correction& correction);

// kInvalidArgument with what is missing or too much.
Status check_correction(const exposure::Correction& correction);
Status check_who_and_why(std::string_view by, std::string_view why);

bool is_person_id(std::string_view id);  // "p-" and 32 hexadecimal digits

}  // namespace bulkhead::review
