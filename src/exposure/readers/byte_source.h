// Where a reader gets the bytes of one file from: a plain file, memory, or the analyst's decrypted
// stream.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "base/fd.h"

namespace bulkhead::exposure {

// One file. Not thread-safe. Contents are hostile, failures of the source itself are errors.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Size in bytes, known before reading.
  virtual std::uint64_t size() const = 0;

  // Fills `into` from `offset` on; fewer bytes than asked for only where the file ends, 0 at and
  // after its end. Where any_order() is false, offsets are to ascend without gaps after the first
  // 64 KiB, which may be read twice. Readers of streaming formats ask for no more; containers are
  // read anyhow.
  virtual Result<std::size_t> read_at(std::uint64_t offset, MutableByteView into) = 0;
  virtual bool any_order() const { return true; }
};

// Memory that outlives the source.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(ByteView bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, MutableByteView into) override;

 private:
  ByteView bytes_;
};

// A regular file, opened read-only. A file that shrinks while it is read ends early; the report
// then shows fewer bytes.
class FileSource final : public ByteSource {
 public:
  static Result<FileSource> open(const std::string& path);
  static Result<FileSource> of(UniqueFd fd);
  int fd() const { return fd_.get(); }
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read_at(std::uint64_t offset, MutableByteView into) override;

 private:
  FileSource(UniqueFd fd, std::uint64_t size) : fd_(std::move(fd)), size_(size) {}
  UniqueFd fd_;
  std::uint64_t size_;
};

}  // namespace bulkhead::exposure
