// Which checkpoints left: the newest one that was handed out, and all that witnesses cosigned.
// Files of their own beside the segments, so that losing or damaging one costs nothing but what it
// says.
//
//     handed-out                    "bulkhead handed-out checkpoint, format 1, at 1795485784\n",
//     the note cosigned-0000000000000507     "bulkhead cosigned checkpoint, format 1\n", the note;
//     the digits
//                                   are the number of entries, in hexadecimal
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/disk.h"
#include "journal/checkpoint.h"

namespace bulkhead::journal {

// Both take effect whole or not at all, and durably.
Status keep_handed_out(Disk& disk, const std::string& folder, std::string_view note,
                       std::uint64_t at_s);
// Joins the signatures with those of the same size that are there already. kConflict when those are
// of another root. The caller has verified the note.
Status keep_cosigned(Disk& disk, const std::string& folder, const Checkpoint& checkpoint);

struct LeftCheckpoint {
  Checkpoint checkpoint;
  std::uint64_t at_s = 0;  // POSIX time; of a cosigned one: the newest of its cosignatures
};
// Nothing when none was, or when the file is not what this key signed (then it proves nothing).
std::optional<LeftCheckpoint> newest_handed_out(Disk& disk, const std::string& folder,
                                                const CheckpointKey& key);
std::optional<LeftCheckpoint> newest_cosigned(Disk& disk, const std::string& folder,
                                              const CheckpointKey& key,
                                              const std::vector<WitnessKey>& witnesses);

// All cosigned ones, fewest entries first. kCorrupt, kNewerFormat: names the file.
Result<std::vector<Checkpoint>> read_cosigned(Disk& disk, const std::string& folder);

}  // namespace bulkhead::journal
