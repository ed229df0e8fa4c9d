#include "sftp/check_file.h"

#include <algorithm>
#include <array>
#include <limits>

#include "sftp/limits.h"
#include "sftp/protocol.h"

namespace bulkhead::sftp {
namespace {

// Not md5 and crc32, which the draft also names: nothing else of Bulkhead needs them.
constexpr std::array kFileHashes = {
    FileHash{"sha256", crypto::HashAlgorithm::kSha256},
    FileHash{"sha512", crypto::HashAlgorithm::kSha512},
    FileHash{"sha384", crypto::HashAlgorithm::kSha384},
    FileHash{"sha1", crypto::HashAlgorithm::kSha1},
};

constexpr std::uint32_t kLeastBlockBytes = 256;  // the draft's

std::uint64_t block_size(const CheckFile::Job& job) {
  return job.block_bytes == 0 ? std::numeric_limits<std::uint64_t>::max() : job.block_bytes;
}

}  // namespace

const FileHash* choose_file_hash(std::string_view names) {
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(','), names.size());
    const auto* found = std::ranges::find(kFileHashes, names.substr(0, end), &FileHash::name);
    if (found != kFileHashes.end()) return found;
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return nullptr;
}

Result<std::size_t> CheckFile::hashes_size(const Job& job) {
  const std::size_t one = crypto::digest_size(job.hash->algorithm);
  if (job.block_bytes == 0) return one;
  if (job.block_bytes < kLeastBlockBytes) {
    return fail(ErrorCode::kInvalidArgument, "Blocks to be hashed have at least 256 bytes.");
  }
  const std::uint64_t blocks = job.size / job.block_bytes + (job.size % job.block_bytes != 0);
  if (blocks > kMaxFileHashesBytes / one) {
    return fail(ErrorCode::kLimitExceeded,
                "Too many blocks for one reply: ask for larger ones, or for a part of the file.");
  }
  return blocks * one;
}

CheckFile::CheckFile(Job job)
    : job_(std::move(job)),
      hasher_(job_.hash->algorithm),
      left_in_block_(block_size(job_)),
      buffer_(kMaxReadBytes) {
  if (job_.opened) job_.file = job_.opened.get();
}

Result<bool> CheckFile::step() {
  for (std::size_t hashed = 0; hashed < kCopyStepBytes;) {
    const std::uint64_t wanted =
        std::min<std::uint64_t>({buffer_.size(), job_.size, left_in_block_});
    if (wanted == 0) return finish();
    BH_TRY(const std::size_t got,
           job_.file->read(job_.offset, MutableByteView(buffer_).first(wanted)));
    if (got == 0) return finish();  // it was cut shorter meanwhile
    hasher_.update(ByteView(buffer_).first(got));
    block_begun_ = true;
    hashed += got;
    job_.offset += got;
    job_.size -= got;
    left_in_block_ -= got;
    if (left_in_block_ == 0) finish_block();
  }
  return false;
}

void CheckFile::finish_block() {
  const Bytes hash = hasher_.finish();
  hashes_.insert(hashes_.end(), hash.begin(), hash.end());
  left_in_block_ = block_size(job_);
  block_begun_ = false;
}

// Of no bytes at all there is a hash, too, where one hash of everything was asked for.
Result<bool> CheckFile::finish() {
  if (block_begun_ || (job_.block_bytes == 0 && hashes_.empty())) finish_block();
  if (job_.opened) BH_CHECK(job_.opened->close());
  return true;
}

}  // namespace bulkhead::sftp
