// One open file: read through the store's reader, written through its writer, committed by the
// vault at close.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "channel/client.h"
#include "processes/content/granted_keys.h"
#include "processes/content/stored_content.h"
#include "sftp/file_system.h"
#include "store/blob_reader.h"
#include "store/blob_writer.h"

namespace bulkhead::processes {

class VaultFile final : public sftp::File {
 public:
  static Result<std::unique_ptr<VaultFile>> open(channel::Client& vault,
                                                 const channel::OpenedFile& opened,
                                                 std::vector<UniqueFd> descriptors);
  // Not closed: the connection was lost. What was written is parked for the uploader.
  ~VaultFile() override;

  Result<std::size_t> read(std::uint64_t offset, MutableByteView into) override;
  Status write(std::uint64_t offset, ByteView bytes) override;
  Result<std::uint64_t> size() override;
  std::string content_tag() const override;
  Result<sftp::Attributes> stat() override;
  Status set_attributes(const sftp::AttributeChanges& changes) override;
  Status sync() override;
  Status close() override;
  void abandon() override { discard(); }
  // In place of close(): what was written is given up.
  void discard();

 private:
  VaultFile(channel::Client& vault, const channel::OpenedFile& opened);
  Status prepare_reading(const channel::OpenedFile& opened, std::vector<UniqueFd> descriptors);
  Status prepare_writing(const channel::OpenedFile& opened, std::vector<UniqueFd> descriptors);
  Result<store::BlobWriter> make_writer(const channel::OpenedFile& opened, OpenedContent content);
  Status commit(store::FinishedVersion finished);
  Status set_stored_attributes(const sftp::AttributeChanges& changes);
  Status close_handle();
  Status stop_when_full(std::size_t bytes);
  void park();

  channel::Client& vault_;
  std::uint64_t handle_;
  sftp::Attributes attributes_;
  GrantedKeys keys_;
  std::optional<store::BlobReader> reader_;
  std::optional<store::BlobWriter> writer_;
  std::shared_ptr<DiskFile> staging_;  // for fsync
  std::uint64_t keep_free_bytes_;
  std::uint64_t unlooked_bytes_ = 0;  // written since the disk's free space was last looked at
  Status room_;               // once the disk was full: a version with a hole must not be committed
  bool must_commit_ = false;  // even if nothing is written: the file is new, or was truncated
  bool sync_asked_ =
      false;  // by the client: then the commit is synced, whatever the folder promises
  std::optional<std::int64_t> modified_s_;
  std::optional<std::uint32_t> permissions_;
  bool closed_ = false;
};

}  // namespace bulkhead::processes
