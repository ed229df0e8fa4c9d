// The command "scp -t …" or "scp -f …" behind an SSH channel.
#pragma once

#include <memory>
#include <string_view>

#include "processes/files/vault_file_system.h"
#include "processes/sftp_session/channel_authority.h"
#include "scp/session.h"
#include "ssh/subsystem.h"

namespace bulkhead::processes {

class ScpChannel final : public ssh::ChannelHandler, public sftp::ReplySink {
 public:
  ScpChannel(channel::Client& vault, const ChannelAuthority& user, ssh::ChannelWriter& writer,
             std::string_view command)
      : files_(vault, user.home(), user.user_name()),
        writer_(writer),
        session_(scp::start(command, files_, *this)) {}

  // ssh::ChannelHandler
  std::size_t on_data(ByteView bytes) override;
  void on_writable() override { resume(); }
  bool busy() const override { return session_->busy(); }
  void on_turn() override { resume(); }
  void on_eof() override;

  // sftp::ReplySink: what is sent is built in the outgoing packet itself.
  bool may_continue() const override;
  MutableByteView reserve(std::size_t at_least) override { return writer_.reserve(at_least); }
  void commit(std::size_t size) override { writer_.commit(size); }

 private:
  void resume();
  void finish_if_over();

  VaultFileSystem files_;
  ssh::ChannelWriter& writer_;
  std::unique_ptr<scp::Session> session_;
};

}  // namespace bulkhead::processes
