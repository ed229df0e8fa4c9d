// Writes one version into a fresh part, on top of an older version of the same lineage if there is
// one. Runs in edges. Any order of writes, overlaps, truncation, and reading what was just written.
// Nothing stored is ever overwritten.
//
// Memory: 16 segment buffers of 64 KiB, 16 extent tables of 32 KiB, one 512 KiB buffer of records
// on their way out, and about 100 bytes per extent (64 MiB) touched. One thread.
//
// After an error from the disk or the key source every further call returns that error: close
// without committing.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/disk.h"
#include "crypto/random.h"
#include "store/blob_reader.h"
#include "store/extent_key.h"
#include "store/version.h"

namespace bulkhead::store {

struct WriterOptions {
  bool hash_plaintext = false;  // SHA-256 of the contents, if they arrive strictly in order
  std::uint64_t writeback_bytes =
      8 << 20;  // start writing dirty pages out after so much, so that CLOSE need not wait
};

// The part to write to: an empty file, or one that an interrupted upload left.
struct StagingPart {
  BlobId blob{};
  std::shared_ptr<DiskFile> file;  // open for reading and writing
  unsigned number = 0;             // in the version that comes out: how many parts the base has
};

// How much of an interrupted upload's records is looked at before they count.
enum class ScanDepth {
  kHeaders,   // enough after a killed process
  kContents,  // every record is decrypted: after a power cut a file system may have kept headers
              // and lost contents
};

// What finish() and park() say. `description` and `inline_box` go to the vault.
struct FinishedVersion {
  VersionDescription description;
  Bytes inline_box;
  bool staging_used =
      false;  // the staging part belongs to the version and must be synced before it is committed
  bool changed = true;  // false: nothing was written, the base still is the version
  std::optional<crypto::Sha256> plaintext_sha256;
};

class BlobWriter {
 public:
  // A fresh lineage (nothing to build on).
  static Result<BlobWriter> create(const Lineage& lineage, StagingPart staging,
                                   ExtentKeySource& keys, crypto::Random& random,
                                   WriterOptions options = {});
  // On top of `base`, which keeps its parts. staging.number must be base.description.parts (or 0 if
  // the base has none).
  static Result<BlobWriter> on_base(StoredVersion base, StagingPart staging, ExtentKeySource& keys,
                                    crypto::Random& random, WriterOptions options = {});
  // Goes on where park() stopped: `parked` counts the staging part as its last part.
  static Result<BlobWriter> resume_parked(StoredVersion parked, StagingPart staging,
                                          ExtentKeySource& keys, crypto::Random& random,
                                          WriterOptions options = {});
  // Goes on after a writer that died: reads the records of the staging part, up to the first torn
  // one, onto `base` (nothing for a fresh lineage). size() is then what is there without a gap from
  // the beginning; what lay behind a gap is dropped, and so are torn bytes at the end of the file.
  static Result<BlobWriter> resume_scanned(const Lineage& lineage,
                                           std::optional<StoredVersion> base, StagingPart staging,
                                           ScanDepth depth, ExtentKeySource& keys,
                                           crypto::Random& random, WriterOptions options = {});
  BlobWriter(BlobWriter&&) noexcept;
  BlobWriter& operator=(BlobWriter&&) noexcept;
  ~BlobWriter();  // writes nothing more

  std::uint64_t size() const;
  // What lies between an old end and `offset` reads as zeros. kLimitExceeded beyond kMaxFileSize.
  Status write(std::uint64_t offset, ByteView bytes);
  Status truncate(std::uint64_t size);  // either way; what is new reads as zeros
  Result<std::size_t> read(std::uint64_t offset, MutableByteView out);
  // Everything written so far is in the file (not synced): for fsync@openssh.com. Later calls go
  // on.
  Status flush();

  // Ends the version. Contents of up to kMaxInlineSize go into a box (sealed under extent key 0),
  // everything else into the part with its map. Only once.
  Result<FinishedVersion> finish();
  // The same for an upload that is not complete: always into the part, to be resumed.
  Result<FinishedVersion> park();

 private:
  struct State;
  explicit BlobWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// How many bytes an interrupted upload holds without a gap, from record headers alone and without
// any key: what STAT says before the vault has granted one. The file is hostile input; time is
// bounded by its size.
Result<std::uint64_t> scan_contiguous_size(const Lineage& lineage,
                                           const std::optional<StoredVersion>& base,
                                           const StagingPart& staging);

}  // namespace bulkhead::store
