// The subsystem "sftp": an SFTP server behind an SSH channel.
#pragma once

#include <memory>

#include "base/clock.h"
#include "processes/files/vault_file_system.h"
#include "processes/sftp_session/channel_authority.h"
#include "sftp/server.h"
#include "ssh/subsystem.h"

namespace bulkhead::processes {

class SftpChannel final : public ssh::ChannelHandler, public sftp::ReplySink {
 public:
  SftpChannel(channel::Client& vault, const ChannelAuthority& user, ssh::ChannelWriter& writer,
              const Clock& clock)
      : files_(vault, user.home(), user.user_name()),
        writer_(writer),
        server_(files_, *this, clock) {}

  // ssh::ChannelHandler
  std::size_t on_data(ByteView bytes) override;
  bool busy() const override { return server_.busy(); }
  void on_turn() override;
  void on_eof() override { writer_.finish(0); }

  // sftp::ReplySink: replies are built in the outgoing packet itself.
  bool may_continue() const override;
  MutableByteView reserve(std::size_t at_least) override { return writer_.reserve(at_least); }
  void commit(std::size_t size) override { writer_.commit(size); }

 private:
  void end(const Error& why);

  VaultFileSystem files_;
  ssh::ChannelWriter& writer_;
  sftp::Server server_;
};

class SftpServices final : public ssh::Services {
 public:
  SftpServices(channel::Client& vault, const ChannelAuthority& user, const Clock& clock)
      : vault_(vault), user_(user), clock_(clock) {}
  std::unique_ptr<ssh::ChannelHandler> open_subsystem(std::string_view name,
                                                      ssh::ChannelWriter& writer) override;
  // scp, and nothing else.
  std::unique_ptr<ssh::ChannelHandler> open_exec(std::string_view command,
                                                 ssh::ChannelWriter& writer) override;

 private:
  channel::Client& vault_;
  const ChannelAuthority& user_;
  const Clock& clock_;
};

}  // namespace bulkhead::processes
