// sftp::FileSystem over the channel: names and decisions from the vault, contents through the
// store's reader and writer on the descriptors and extent keys that the vault grants.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "channel/client.h"
#include "crypto/random.h"
#include "processes/sftp_session/channel_authority.h"
#include "sftp/file_system.h"

namespace bulkhead::processes {

class VaultFile;

class VaultFileSystem final : public sftp::FileSystem {
 public:
  // Made after login. Both must outlive it, and it all its files.
  VaultFileSystem(channel::Client& vault, const ChannelAuthority& user)
      : vault_(vault), user_(user) {}

  sftp::Path home() override { return user_.home(); }
  std::string user_name() override { return user_.user_name(); }
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

  // Of VaultFile: an upload of this session is seen under its name before it is committed.
  void writing_begins(const sftp::Path& path, VaultFile& file) { being_written_[path] = &file; }
  void writing_ends(const sftp::Path& path, const VaultFile& file);
  // Of listings: as stat() would show it.
  void show_own_upload(const sftp::Path& folder, sftp::DirectoryEntry& entry) const;

 private:
  channel::Client& vault_;
  const ChannelAuthority& user_;
  std::map<sftp::Path, VaultFile*> being_written_;
};

// Shared by the files: messages to and from the types of sftp.
channel::Path to_message(const sftp::Path& path);
sftp::Attributes from_message(const channel::Attributes& attributes);

}  // namespace bulkhead::processes
