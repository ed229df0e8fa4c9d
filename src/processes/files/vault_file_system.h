// sftp::FileSystem over the channel: names and decisions from the vault, contents through the
// store's reader and writer on the descriptors and extent keys that the vault grants.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "channel/client.h"
#include "crypto/random.h"
#include "sftp/file_system.h"

namespace bulkhead::processes {

class VaultFile;
struct OwnUpload;

class VaultFileSystem final : public sftp::FileSystem {
 public:
  // Made after login, with what the vault said about the user. `vault` must outlive it, and it all
  // its files.
  VaultFileSystem(channel::Client& vault, sftp::Path home, std::string user_name);
  ~VaultFileSystem() override;

  sftp::Path home() override { return home_; }
  std::string user_name() override { return user_name_; }
  std::string name_of_user(std::uint32_t uid) override;
  std::string name_of_group(std::uint32_t gid) override { return name_of_user(gid); }

  Result<sftp::Attributes> stat(const sftp::Path& path) override;
  Status set_attributes(const sftp::Path& path, const sftp::AttributeChanges& changes) override;
  Result<std::unique_ptr<sftp::File>> open(const sftp::Path& path, const sftp::OpenFlags& flags,
                                           std::optional<std::uint32_t> permissions) override;
  Status remove(const sftp::Path& path) override;
  Result<std::unique_ptr<sftp::Directory>> open_directory(const sftp::Path& path) override;
  Status make_directory(const sftp::Path& path, std::optional<std::uint32_t> permissions) override;
  Status remove_directory(const sftp::Path& path) override;
  Status rename(const sftp::Path& from, const sftp::Path& to, bool replace) override;
  Result<sftp::Capacity> capacity() override;

  // --- of this session's own uploads (own_upload.h) ---
  Result<std::unique_ptr<VaultFile>> open_stored(
      const sftp::Path& path, const sftp::OpenFlags& flags,
      std::optional<std::uint32_t> permissions = std::nullopt);
  void writing_ends(const OwnUpload& upload);
  // Of listings: what this session is writing is listed as the session sees it, not as the vault.
  bool is_own_upload(const sftp::Path& folder, const std::string& name) const;
  void add_own_uploads(const sftp::Path& folder, std::vector<sftp::DirectoryEntry>& entries) const;

 private:
  // own_uploads.cpp
  OwnUpload* own(const sftp::Path& path) const;
  Result<std::unique_ptr<sftp::File>> attach(const std::shared_ptr<OwnUpload>& upload,
                                             const sftp::OpenFlags& flags);
  void move_uploads(const sftp::Path& from, const sftp::Path& to);
  void forget_upload(const sftp::Path& path);

  channel::Client& vault_;
  sftp::Path home_;
  std::string user_name_;
  std::map<sftp::Path, std::shared_ptr<OwnUpload>> being_written_;
};

// Shared by the files: messages to and from the types of sftp.
channel::Path to_message(const sftp::Path& path);
sftp::Attributes from_message(const channel::Attributes& attributes);
void fill_in(const sftp::AttributeChanges& changes, channel::SetAttributes& message);

}  // namespace bulkhead::processes
