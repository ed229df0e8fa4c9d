// What is asked of the vault before a user's files are: certificates, one signature, log-ins.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "channel/client.h"
#include "https/authority.h"
#include "processes/files/vault_file_system.h"

namespace bulkhead::processes {

class WebAuthority final : public https::Authority {
 public:
  explicit WebAuthority(channel::Client& vault) : vault_(vault) {}

  struct Greeting {
    std::vector<std::string> certificates;  // DER, the server's first
    std::int64_t login_grace_ms = 0;
    std::int64_t idle_timeout_ms = 0;
  };
  Result<Greeting> greet();
  // Of the whole content that a server's CertificateVerify covers; once.
  Result<Bytes> sign(ByteView content);

  Result<Outcome> log_in(const https::LogInSecrets& secrets) override;
  sftp::FileSystem& files() override { return *files_; }

 private:
  channel::Client& vault_;
  std::optional<VaultFileSystem> files_;
};

}  // namespace bulkhead::processes
