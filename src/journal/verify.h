// Reads a whole journal and says whether it is what its checkpoints signed. Needs no lock: a
// running vault does not disturb it (a batch that is being written counts as a torn tail). The
// folder is hostile input: whoever had the machine may have written anything there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/disk.h"
#include "journal/checkpoint.h"
#include "journal/journal.h"

namespace bulkhead::journal {

struct Verification {
  TreeHead head;                  // as recomputed
  std::uint64_t checkpoints = 0;  // each with the right root and a valid signature
  std::uint64_t covered = 0;      // entries under the newest checkpoint
  std::uint64_t payloads = 0;
  std::uint64_t payloads_dropped = 0;
  std::uint64_t torn_bytes = 0;  // after the last whole batch
  std::uint64_t cosigned = 0;    // entries under the newest checkpoint that a witness cosigned
};

// A head that the journal must contain as a prefix because somebody saw it. `from` names it in
// sentences.
struct KnownHead {
  TreeHead head;
  std::string from = "the checkpoint kept elsewhere";
};

// Sees every entry in order, as soon as its own bytes and the heads up to it fit. Entries of a last
// batch that turns out to be torn are seen too: count on no more than a checkpoint covers. An error
// ends the reading and is returned.
using EntrySeen = std::function<Status(std::uint64_t index, ByteView entry, const Hash& leaf_hash)>;

// kCorrupt with a sentence that names the first entry that does not fit ("entry 17 (segment …, byte
// …): its bytes do not match its leaf hash"), the range between two checkpoints whose entries were
// rewritten together with their leaf hashes, or what is missing at the end. The cosigned
// checkpoints in the folder count like its own; of `witnesses` is said how far they cosigned.
Result<Verification> verify(Disk& disk, const std::string& folder, const CheckpointKey& key,
                            const std::vector<KnownHead>& last_seen = {},
                            const EntrySeen& seen = {},
                            const std::vector<WitnessKey>& witnesses = {});

}  // namespace bulkhead::journal
