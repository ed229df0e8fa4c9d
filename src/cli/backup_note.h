// The file `format` of a backup: what it is, and what makes sure that it is whole. It stands in the
// place of a deployment's, so that no server starts on a backup; it is written last.
//
//     bulkhead backup 1
//     made 2026-11-25T04:00:00Z
//     blobs 12 81920
//     key ORIGIN+ID+KEY
//
//     SIGNED CHECKPOINT
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace bulkhead::cli {

struct BackupNote {
  std::string made;  // RFC 3339
  std::uint64_t blobs = 0;
  std::uint64_t blob_bytes = 0;
  std::string verifier_key;  // of the journal's checkpoints
  std::string checkpoint;    // a signed note

  bool operator==(const BackupNote&) const = default;
};

std::string encode(const BackupNote& note);

// A backup comes from elsewhere: hostile input, at most kMostBackupNoteBytes. `kNotFound` for a
// file of another kind, kNewerFormat, kMalformed with the line. The signature is not looked at.
inline constexpr std::size_t kMostBackupNoteBytes = 64 * 1024;
Result<BackupNote> parse_backup_note(std::string_view text);

}  // namespace bulkhead::cli
