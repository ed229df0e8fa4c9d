// The blob store on a local disk: one folder of files with opaque names (32 hexadecimal digits).
// The vault's side; it never looks into a blob. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/disk.h"
#include "crypto/random.h"
#include "store/format.h"

namespace bulkhead::store {

struct StagingBlob {
  BlobId blob{};
  std::shared_ptr<DiskFile> file;  // empty, open for reading and writing
};

class BlobDirectory {
 public:
  static Result<std::unique_ptr<BlobDirectory>> open(Disk& disk, std::string folder,
                                                     crypto::Random& random);

  // Makes empty blobs ahead until `ready` are waiting, with one directory sync for all, so that a
  // CLOSE needs none. Blocks: for a worker thread, or the start.
  Status refill(std::size_t ready);
  std::size_t ready() const;
  // One from the pool, its name already durable; makes and syncs one when the pool is empty.
  Result<StagingBlob> take();
  // Back into the pool (contents that went inline leave their blob unused). Removed instead if
  // somebody still has it open for writing, or if it was sealed. Let go of every descriptor of it
  // first.
  Status recycle(const BlobId& blob);

  Result<std::shared_ptr<DiskFile>> open_for_reading(
      const BlobId& blob) const;  // a fresh descriptor each time
  Result<std::shared_ptr<DiskFile>> open_for_writing(
      const BlobId& blob) const;  // to resume an upload
  // For the commit: opens it for reading, checks that nobody can write to it any more (kConflict
  // otherwise: a writable descriptor or mapping is still held) and takes the permission to. Let go
  // of the vault's own descriptor first.
  Result<std::shared_ptr<DiskFile>> seal(const BlobId& blob) const;

  Status remove(const BlobId& blob);  // fine if it is gone already; not synced
  // Everything in the folder but what waits in the pool, or is made for it: what no journal entry
  // names is an orphan. A blob may have come back to the pool by the time that somebody looks: ask
  // is_kept_ready() before removing it.
  Result<std::vector<BlobId>> list() const;
  bool is_kept_ready(const BlobId& blob) const;

 private:
  BlobDirectory(Disk& disk, std::string folder, crypto::Random& random);
  std::string path_of(const BlobId& blob) const;
  Status create(const std::vector<BlobId>& blobs);

  Disk& disk_;
  std::string folder_;
  crypto::Random& random_;
  mutable std::mutex mutex_;
  std::vector<BlobId> pool_;    // names durable, files empty
  std::vector<BlobId> making_;  // on their way there
};

}  // namespace bulkhead::store
