// corrections.ndjson: who decided what about a result, when and why. Append-only; the file of a
// whole incident. Formats: docs/formats/corrections.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "exposure/corrections/corrections.h"

namespace bulkhead::review {

// Whether a second person has to confirm: after it somebody is not told, is told less, or somebody
// else is told.
bool has_high_stakes(exposure::CorrectionKind kind);

enum class CorrectionState { kInForce, kWaiting, kWithdrawn };
std::string_view to_string(CorrectionState state);  // "in force", "waits for a second person"…

struct CorrectionRecord {
  exposure::Correction correction;
  std::string by, why, at;  // at: RFC 3339
  std::string confirmed_by, withdrawn_by;
  CorrectionState state = CorrectionState::kInForce;
};

struct CorrectionsFile {
  std::vector<CorrectionRecord> records;
  std::uint64_t entries = 0;  // with confirmations and withdrawals
  bool unfinished = false;    // a crash cut off the last line; nobody was told that it is there
};

// Hostile input: bounded, errors "FILE:LINE: what", no values. kCorrupt where a line was changed or
// taken out.
Result<CorrectionsFile> parse_corrections(std::string_view text, const std::string& name);

// What a run applies. Nothing that was meant is left out: kNotFound where there is no such file,
// kCorrupt where its last line has no end.
Result<exposure::Corrections> load_corrections(const std::string& path);
Result<CorrectionsFile> read_corrections(const std::string& path);

struct NewEntry {
  std::string by, why;
  UnixMicros at = 0;
};
// Each appends one entry, durably, and returns its number. kInvalidArgument for what makes no
// sense; kPermissionDenied where who confirms is who made it, or is not needed.
Result<std::uint64_t> append_correction(const std::string& path, exposure::Correction correction,
                                        const NewEntry& entry);
Status confirm_correction(const std::string& path, std::uint64_t number, const NewEntry& entry);
// Undoes one. What was in force by one person's word alone is undone by two only.
Status withdraw_correction(const std::string& path, std::uint64_t number, const NewEntry& entry);

}  // namespace bulkhead::review
