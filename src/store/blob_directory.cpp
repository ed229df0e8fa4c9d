#include "store/blob_directory.h"

#include <algorithm>

namespace bulkhead::store {

BlobDirectory::BlobDirectory(Disk& disk, std::string folder, crypto::Random& random)
    : disk_(disk), folder_(std::move(folder)), random_(random) {}

Result<std::unique_ptr<BlobDirectory>> BlobDirectory::open(Disk& disk, std::string folder,
                                                           crypto::Random& random) {
  BH_CHECK(disk.make_directory(folder));
  return std::unique_ptr<BlobDirectory>(new BlobDirectory(disk, std::move(folder), random));
}

std::string BlobDirectory::path_of(const BlobId& blob) const {
  return folder_ + "/" + to_hex(blob);
}

Status BlobDirectory::refill(std::size_t ready) {
  std::vector<BlobId> made;
  for (std::size_t there = this->ready(); there < ready; ++there)
    made.push_back(random_.array<16>());
  if (made.empty()) return {};
  {
    // Before they are there: whoever lists the folder meanwhile must not take them for garbage.
    const std::lock_guard lock(mutex_);
    making_.insert(making_.end(), made.begin(), made.end());
  }
  const Status done = create(made);
  const std::lock_guard lock(mutex_);
  std::erase_if(making_,
                [&](const BlobId& blob) { return std::ranges::find(made, blob) != made.end(); });
  if (done) pool_.insert(pool_.end(), made.begin(), made.end());
  return done;
}

Status BlobDirectory::create(const std::vector<BlobId>& blobs) {
  for (const BlobId& blob : blobs)
    BH_CHECK(disk_.open(path_of(blob), OpenMode::kCreate));
  return disk_.sync_directory(folder_);
}

bool BlobDirectory::is_kept_ready(const BlobId& blob) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::find(pool_, blob) != pool_.end() ||
         std::ranges::find(making_, blob) != making_.end();
}

std::size_t BlobDirectory::ready() const {
  const std::lock_guard lock(mutex_);
  return pool_.size();
}

Result<StagingBlob> BlobDirectory::take() {
  std::optional<BlobId> blob;
  {
    const std::lock_guard lock(mutex_);
    if (!pool_.empty()) {
      blob = pool_.back();
      pool_.pop_back();
    }
  }
  if (!blob) {
    blob = random_.array<16>();
    BH_CHECK(create({*blob}));
  }
  BH_TRY(auto file, disk_.open(path_of(*blob), OpenMode::kReadWrite));
  return StagingBlob{*blob, std::move(file)};
}

Status BlobDirectory::recycle(const BlobId& blob) {
  BH_TRY(const auto reading, disk_.open(path_of(blob), OpenMode::kRead));
  if (!reading->check_no_writers()) return remove(blob);
  // One that was sealed does not open: it must not get to the next upload.
  const auto writing = disk_.open(path_of(blob), OpenMode::kReadWrite);
  if (!writing) return remove(blob);
  // Most are as they were taken: what is small travels inline.
  BH_TRY(const std::uint64_t size, reading->size());
  if (size != 0) BH_CHECK((*writing)->truncate(0));
  const std::lock_guard lock(mutex_);
  pool_.push_back(blob);
  return {};
}

Result<std::shared_ptr<DiskFile>> BlobDirectory::open_for_reading(const BlobId& blob) const {
  return disk_.open(path_of(blob), OpenMode::kRead);
}

Result<std::shared_ptr<DiskFile>> BlobDirectory::open_for_writing(const BlobId& blob) const {
  return disk_.open(path_of(blob), OpenMode::kReadWrite);
}

Result<std::shared_ptr<DiskFile>> BlobDirectory::seal(const BlobId& blob) const {
  BH_TRY(auto file, disk_.open(path_of(blob), OpenMode::kRead));
  // First the permission, then the check: whoever opened it in between is seen.
  BH_CHECK(file->make_read_only());
  BH_CHECK(file->check_no_writers());
  return file;
}

Status BlobDirectory::remove(const BlobId& blob) {
  Status removed = disk_.remove(path_of(blob));
  if (!removed && removed.error().code == ErrorCode::kNotFound) return {};
  return removed;
}

Result<std::vector<BlobId>> BlobDirectory::list() const {
  BH_TRY(const std::vector<std::string> names, disk_.list(folder_));
  std::vector<BlobId> blobs;
  for (const std::string& name : names) {
    const auto bytes = from_hex(name);
    if (!bytes || bytes->size() != BlobId{}.size() || to_hex(*bytes) != name) continue;
    BlobId blob;
    std::ranges::copy(*bytes, blob.begin());
    if (!is_kept_ready(blob)) blobs.push_back(blob);
  }
  return blobs;
}

}  // namespace bulkhead::store
