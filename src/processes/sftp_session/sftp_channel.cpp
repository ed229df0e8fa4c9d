#include "processes/sftp_session/sftp_channel.h"

#include "base/log.h"
#include "processes/sftp_session/scp_channel.h"
#include "sftp/limits.h"

namespace bulkhead::processes {

bool SftpChannel::may_continue() const {
  return !writer_.reserve(sftp::kMaxReplyBytes).empty();
}

// Takes less than all only when the sink is full or a long request is under way: then the rest
// comes again.
std::size_t SftpChannel::on_data(ByteView bytes) {
  const auto taken = server_.on_data(bytes);
  if (taken) return *taken;
  end(taken.error());
  return bytes.size();
}

void SftpChannel::on_turn() {
  if (const Status gone_on = server_.resume(); !gone_on) end(gone_on.error());
}

void SftpChannel::end(const Error& why) {
  log_info("the client broke the protocol", {{"how", why.message}});
  writer_.finish(1);
}

std::unique_ptr<ssh::ChannelHandler> SftpServices::open_subsystem(std::string_view name,
                                                                  ssh::ChannelWriter& writer) {
  if (name != "sftp") return nullptr;
  return std::make_unique<SftpChannel>(vault_, user_, writer, clock_);
}

std::unique_ptr<ssh::ChannelHandler> SftpServices::open_exec(std::string_view command,
                                                             ssh::ChannelWriter& writer) {
  if (!scp::is_scp(command)) return nullptr;
  return std::make_unique<ScpChannel>(vault_, user_, writer, command);
}

}  // namespace bulkhead::processes
