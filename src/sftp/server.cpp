#include "sftp/server.h"

#include <fmt/format.h>

#include <algorithm>

#include "sftp/limits.h"
#include "sftp/protocol.h"
#include "sftp/session.h"

namespace bulkhead::sftp {
namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kTypeBytes = 1;
constexpr std::size_t kIdBytes = 4;
// Packets as small as most are keep their memory between each other.
constexpr std::size_t kKeptBytes = 4096;

}  // namespace

Server::Server(FileSystem& file_system, ReplySink& sink, const Clock& clock)
    : sink_(sink), session_(std::make_unique<Session>(file_system, sink, clock)) {}

Server::~Server() = default;

Result<std::size_t> Server::on_data(ByteView bytes) {
  BH_ASSERT(!over_);
  ByteView rest = bytes;
  // Asked before each packet and each piece of data: one request adds at most one reply to the
  // sink.
  while (!busy() && sink_.may_continue()) {
    auto stepped = step(rest);
    if (!stepped) {
      over_ = true;
      return fail(std::move(stepped).error());
    }
    if (!*stepped) break;
  }
  return bytes.size() - rest.size();
}

bool Server::busy() const {
  return session_->busy();
}

Status Server::resume() {
  BH_ASSERT(!over_);
  session_->resume();
  return {};
}

bool Server::between_packets() const {
  return held_.empty() && data_left_ == 0 && padding_left_ == 0;
}

Result<std::size_t> Server::bytes_needed(ByteView have) const {
  if (have.size() < kLengthBytes + kTypeBytes) return kLengthBytes + kTypeBytes;
  const auto length = load_be<std::uint32_t>(have.data());
  if (length < kTypeBytes + kIdBytes) {
    return fail(ErrorCode::kMalformed,
                fmt::format("SFTP packet of {} bytes: a type and an id take 5.", length));
  }
  if (length > kMaxPacketBytes) {
    return fail(ErrorCode::kMalformed, fmt::format("SFTP packet of {} bytes: at most {} are taken.",
                                                   length, kMaxPacketBytes));
  }
  const std::size_t whole = kLengthBytes + length;
  if (have[kLengthBytes] != static_cast<Byte>(PacketType::kWrite)) return whole;
  // A WRITE (section 6.4: id, handle, offset, data) begins as soon as everything before its data is
  // there.
  constexpr std::size_t kToHandle = kLengthBytes + kTypeBytes + kIdBytes + 4;
  if (have.size() < kToHandle) return std::min(kToHandle, whole);
  const std::size_t handle = load_be<std::uint32_t>(have.data() + kToHandle - 4);
  return std::min(kToHandle + handle + 8 + 4, whole);
}

// False when nothing can be done without further bytes.
Result<bool> Server::step(ByteView& rest) {
  if (data_left_ + padding_left_ > 0) return continue_write(rest);

  const bool holding = !held_.empty();
  BH_TRY(std::size_t needed, bytes_needed(holding ? ByteView(held_) : rest));
  if (!holding && rest.size() >= needed) {
    const ByteView packet = rest.first(needed);
    rest = rest.subspan(needed);
    BH_CHECK(execute(packet));
    return true;
  }
  if (rest.empty()) return false;
  const ByteView more = rest.first(std::min(rest.size(), needed - held_.size()));
  held_.insert(held_.end(), more.begin(), more.end());
  rest = rest.subspan(more.size());
  // With the new bytes more may be known, and then more be needed.
  BH_TRY(needed, bytes_needed(held_));
  if (held_.size() == needed) {
    const Status executed = execute(held_);
    drop_held();
    BH_CHECK(executed);
  }
  return true;
}

// A whole packet, or a WRITE up to its data.
Status Server::execute(ByteView packet) {
  const ByteView fields = packet.subspan(kLengthBytes);
  if (fields.front() != static_cast<Byte>(PacketType::kWrite)) return session_->on_packet(fields);
  const std::size_t behind = kLengthBytes + load_be<std::uint32_t>(packet.data()) - packet.size();
  BH_TRY(data_left_, session_->begin_write(fields, behind));
  padding_left_ = behind - data_left_;
  if (data_left_ == 0) session_->end_write();
  return {};
}

bool Server::continue_write(ByteView& rest) {
  if (rest.empty()) return false;
  std::size_t& left = data_left_ > 0 ? data_left_ : padding_left_;
  const ByteView piece = rest.first(std::min(rest.size(), left));
  rest = rest.subspan(piece.size());
  const bool is_data = data_left_ > 0;
  left -= piece.size();
  if (is_data) {
    session_->write_piece(piece);
    if (data_left_ == 0) session_->end_write();
  }
  return true;
}

void Server::drop_held() {
  held_.clear();
  if (held_.capacity() > kKeptBytes) Bytes().swap(held_);
}

}  // namespace bulkhead::sftp
