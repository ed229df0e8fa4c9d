// A file that this session is writing, and everybody in the session who has it open.
//
// Until it is committed, only the session that writes it knows what is in it. Clients that make the
// server into a file system (sshfs) open a file a second time before the first CLOSE has arrived,
// read what they are writing, rename it and remove it: within the session all of that works on the
// one upload, as it would on a file of a disk.
#pragma once

#include <memory>

#include "processes/files/vault_file.h"
#include "sftp/file_system.h"

namespace bulkhead::processes {

class VaultFileSystem;

struct OwnUpload {
  sftp::Path path;
  // Who commits last leaves nothing here: it is opened again for whoever still reads.
  std::unique_ptr<VaultFile> file;
  std::size_t writers = 0;
  std::size_t readers = 0;
  bool gone = false;  // removed or replaced while it was open: nobody's but the open handles'
};

// One handle on it.
class OwnUploadHandle final : public sftp::File {
 public:
  OwnUploadHandle(VaultFileSystem& files, std::shared_ptr<OwnUpload> upload, bool writing);
  // Not closed: the connection was lost. What was written is parked for the uploader.
  ~OwnUploadHandle() override;

  Result<std::size_t> read(std::uint64_t offset, MutableByteView into) override;
  Status write(std::uint64_t offset, ByteView bytes) override;
  Result<std::uint64_t> size() override;
  Result<sftp::Attributes> stat() override;
  Status set_attributes(const sftp::AttributeChanges& changes) override;
  Status sync() override;
  // Commits what all of them wrote so far; the others go on upon that.
  Status close() override;
  void abandon() override;

 private:
  Result<VaultFile*> file();
  Status close_writer();
  void leave();

  VaultFileSystem& files_;
  std::shared_ptr<OwnUpload> upload_;
  bool writing_;
  bool closed_ = false;
};

}  // namespace bulkhead::processes
