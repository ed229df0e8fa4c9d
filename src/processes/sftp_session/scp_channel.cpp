#include "processes/sftp_session/scp_channel.h"

#include "sftp/limits.h"

namespace bulkhead::processes {

bool ScpChannel::may_continue() const {
  return !writer_.reserve(sftp::kMaxReplyBytes).empty();
}

std::size_t ScpChannel::on_data(ByteView bytes) {
  const std::size_t taken = session_->on_data(bytes);
  finish_if_over();
  return taken;
}

void ScpChannel::on_eof() {
  session_->on_eof();
  finish_if_over();
}

void ScpChannel::resume() {
  session_->resume();
  finish_if_over();
}

void ScpChannel::finish_if_over() {
  if (const auto status = session_->exit_status()) writer_.finish(*status);
}

}  // namespace bulkhead::processes
