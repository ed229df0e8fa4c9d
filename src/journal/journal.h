// The journal: an append-only list of entries, durable in groups, and the leaves of a Merkle tree.
// Format: docs/formats/journal.md. Entries are opaque here.
//
// A batch (everything appended between two prepare_batch() calls) is on disk whole or not at all,
// also after a power cut: entries that belong together are appended without a prepare_batch()
// between them.
//
// A batch may be left unsynced (Sync::kLater): then it is written, and safe from the death of any
// process, but not from a power cut until a later batch is synced, which covers it.
//
// Threads: one owner calls everything except write_batch(), which may run in another thread, one
// batch at a time, while the owner goes on appending (journal/committer.h does that). Nothing
// appended counts before batch_done() says so.
//
//     owner:   append append append  prepare_batch ──┐        append append ... batch_done(batch,
//     status) writer:                                        └► write_batch (write, datasync) ─┘
//
// After a failed write the journal refuses appends (kIo, with the first reason) until it is opened
// again: the kernel may have dropped what it could not write, so what a retry would read back
// proves nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/disk.h"
#include "base/error.h"
#include "journal/checkpoint.h"
#include "journal/merkle.h"

namespace bulkhead::journal {

constexpr std::size_t kMaxEntrySize = 65535;  // an entry of a tlog-tiles bundle has a 16-bit length
constexpr std::size_t kMaxPayloadSize = 64 * 1024 + 1024;  // inline contents with their overhead

struct JournalOptions {
  std::uint64_t segment_limit_bytes = 64ull
                                      << 20;    // a segment that reached this is not appended to
  std::size_t pending_limit_bytes = 64u << 20;  // appended and not yet handed to write_batch()
  // So much room is made behind a batch that is synced, where it came to the end of what was made:
  // as long as a file does not grow, its sync is one write, and not the file system's log as well.
  std::size_t room_bytes = 0;
};

// Where a payload frame starts. Stays valid for good.
struct PayloadPosition {
  std::uint64_t segment = 0;  // index of the first entry of its segment file
  std::uint64_t offset = 0;
  friend bool operator==(const PayloadPosition&, const PayloadPosition&) = default;
};

struct Appended {
  std::uint64_t index = 0;
  std::optional<PayloadPosition> payload;
};

// What for_each() shows; the views end with the call.
struct EntryView {
  std::uint64_t index = 0;
  ByteView entry;
  std::optional<PayloadPosition> payload;
  std::uint32_t payload_size = 0;
  crypto::Sha256 payload_sha256{};
};
using EntryVisitor = std::function<Status(const EntryView&)>;  // an error stops and is returned

// What open() found and cut off: never acknowledged.
struct Recovery {
  std::uint64_t torn_bytes = 0;
  std::uint64_t torn_checkpoint_bytes = 0;
};

enum class Sync { kNow, kLater };

// Bytes on their way to the disk. Opaque to callers.
class Batch {
 public:
  std::uint64_t end_index() const { return end_index_; }  // the journal's size once it is written
  bool is_synced() const { return sync_; }                // everything up to there
  // Writing it is a copy into the page cache, which waits for a disk only where everything that
  // writes does.
  bool is_only_copied() const {
    return !sync_ && new_segment_header_.empty() && checkpoints_.empty();
  }

 private:
  friend class Journal;
  Bytes frames_;
  std::uint64_t segment_ = 0;  // first index of the segment that it goes to
  std::uint64_t offset_ = 0;
  Bytes new_segment_header_;  // not empty: the segment is to be made
  std::string checkpoints_;
  std::uint64_t checkpoint_offset_ = 0;
  std::uint64_t end_index_ = 0;
  bool sync_ = true;
};

class Journal {
 public:
  // Opens or creates. Cuts a torn tail and says so in recovery(). Errors: kConflict (another
  // process has it), kNewerFormat, kCorrupt (a frame is damaged that was acknowledged: names the
  // entry; or entries are missing that a checkpoint covers). Reads the last segment only; verify()
  // reads everything.
  static Result<std::unique_ptr<Journal>> open(Disk& disk, std::string folder,
                                               JournalOptions options = {});
  ~Journal();

  const Recovery& recovery() const;
  std::uint64_t size() const;          // with what is pending
  std::uint64_t written_size() const;  // what no process's death can lose any more
  std::uint64_t durable_size() const;  // what a power cut cannot either
  bool has_pending() const;
  TreeHead head() const;  // with what is pending
  TreeHead durable_head() const;
  std::optional<TreeHead> newest_checkpoint() const;  // with what is pending

  // `payload` (ciphertext of inline contents; the caller names its SHA-256 inside the entry) lands
  // before the entry and can be dropped later without touching the tree. kInvalidArgument for an
  // empty or too long entry, kLimitExceeded when too much is pending.
  Result<Appended> append(ByteView entry, ByteView payload = {});
  // `note` must be a checkpoint of head() as it is now. Written, durably, after the entries that it
  // covers.
  Status add_checkpoint(std::string note);

  // Nothing when there is nothing to write (or, with kNow, to sync), or a batch is out already. One
  // with a checkpoint, or that begins a segment, is synced in any case.
  std::optional<Batch> prepare_batch(Sync sync = Sync::kNow);
  Status write_batch(Batch& batch);  // the only one that may run in another thread
  void batch_done(Batch batch, const Status& written);
  Status commit();  // the three in a row; when no batch is out

  // Durable entries only.
  Result<Bytes> read(std::uint64_t index);
  Status for_each(std::uint64_t from, const EntryVisitor& visit);
  // Checked against the frame's SHA-256. kNotFound when it was dropped.
  Result<Bytes> read_payload(const PayloadPosition& position);
  Status drop_payload(const PayloadPosition& position);  // durable when it returns
  std::string checkpoints_path() const;

 private:
  struct State;
  explicit Journal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::journal
