// ssh::Authority over the channel: every question of trust goes to the vault.
#pragma once

#include <string>

#include "channel/client.h"
#include "sftp/path.h"
#include "ssh/authority.h"

namespace bulkhead::processes {

class ChannelAuthority final : public ssh::Authority {
 public:
  explicit ChannelAuthority(channel::Client& vault) : vault_(vault) {}

  Result<ssh::Greeting> greet() override;
  Result<Bytes> fresh_kexinit() override;
  Result<ssh::SignedExchange> sign_exchange(const ssh::ExchangeInputs& inputs) override;
  Result<ssh::AuthAnswer> authenticate(const ssh::AuthRequest& request) override;
  Result<std::vector<Bytes>> prove_host_keys(const std::vector<Bytes>& blobs) override;

  // After a successful authenticate().
  const sftp::Path& home() const { return home_; }
  const std::string& user_name() const { return user_name_; }

 private:
  channel::Client& vault_;
  sftp::Path home_;
  std::string user_name_;
};

}  // namespace bulkhead::processes
