#include "ssh/channel.h"

#include <algorithm>
#include <cstring>

#include "sshwire/numbers.h"
#include "sshwire/writer.h"

namespace bulkhead::ssh {
namespace {
using sshwire::Writer;
constexpr std::size_t kDataHeaderBytes = 9;  // message, channel, length
constexpr std::size_t kFrontBytes = PacketOutput::kPayloadOffset + kDataHeaderBytes;
}  // namespace

Channel::Channel(Transport& transport, const Options& options, std::uint32_t id, const Peer& peer,
                 std::uint64_t& window_budget)
    : transport_(transport),
      options_(options),
      id_(id),
      window_budget_(window_budget),
      peer_id_(peer.id),
      peer_window_(peer.window),
      peer_max_packet_(peer.max_packet),
      window_max_(options.initial_window_bytes),
      window_(options.initial_window_bytes) {
  BH_ASSERT(window_budget_ >= window_max_);
  window_budget_ -= window_max_;
}

Channel::~Channel() {
  window_budget_ += window_max_;
}

// --- Outgoing
// --------------------------------------------------------------------------------------------------------

std::size_t Channel::packet_limit() const {
  return std::min<std::size_t>(peer_max_packet_, kMaxDataBytes);
}

// `bytes` go out as pieces of packet_limit(), the first one being what is left over: so the largest
// part of them can be composed where the last packet will lie, and a reply a little longer than the
// limit moves a few bytes only.
std::size_t Channel::bytes_around_pieces(std::size_t bytes) const {
  const std::size_t limit = packet_limit();
  const std::size_t pieces = (bytes + limit - 1) / limit;
  const std::size_t first = bytes - (pieces - 1) * limit;
  const PacketOutput& output = transport_.output();
  const auto around = [&](std::size_t data) {
    return output.packet_bytes(kDataHeaderBytes + data) - data;
  };
  return around(first) + (pieces - 1) * around(limit);
}

bool Channel::can_reserve(std::size_t bytes) {
  if (transport_.suspended() || exit_status_ || close_sent_ || !queued_.empty() ||
      peer_window_ == 0)
    return false;
  // A shorter commit can have one piece fewer but up to a block more of padding.
  return transport_.output().room(bytes + bytes_around_pieces(bytes) + 32 + kControlReserveBytes);
}

MutableByteView Channel::reserve(std::size_t bytes) {
  BH_ASSERT(bytes > 0 && bytes <= kMaxReserveBytes);
  if (!can_reserve(bytes)) {
    blocked_bytes_ = bytes;
    return {};
  }
  const std::size_t limit = packet_limit();
  const std::size_t pieces = (bytes + limit - 1) / limit;
  std::size_t front = kFrontBytes;
  if (pieces > 1)
    front = bytes_around_pieces(bytes) -
            (transport_.output().packet_bytes(kDataHeaderBytes + limit) - limit - kFrontBytes);
  reserved_tail_ = transport_.output().tail();
  reserved_ = {reserved_tail_ + front, bytes};
  return reserved_;
}

void Channel::commit(std::size_t bytes) {
  BH_ASSERT(bytes <= reserved_.size() && reserved_tail_ == transport_.output().tail());
  const Byte* data = reserved_.data();
  reserved_ = {};
  if (bytes == 0) return;
  transferred_bytes_ += bytes;
  const std::size_t fits = std::min<std::size_t>(bytes, peer_window_);
  // What the client's window does not take waits in a copy; nothing else is reserved until it is
  // gone.
  if (fits < bytes) queued_.assign(data + fits, data + bytes);
  send_pieces(data, fits);
}

// `data` may lie in the free part of the output, at most a little behind where it belongs.
void Channel::send_pieces(const Byte* data, std::size_t bytes) {
  PacketOutput& output = transport_.output();
  const std::size_t limit = packet_limit();
  std::size_t piece = (bytes - 1) % limit + 1;
  // First everything to its place, front to back; then the packets are sealed, which writes into
  // the gaps.
  Byte* place = output.tail();
  std::size_t size = piece;
  for (std::size_t done = 0; done < bytes; done += size, size = limit) {
    std::memmove(place + kFrontBytes, data + done, size);
    place += output.packet_bytes(kDataHeaderBytes + size);
  }
  for (std::size_t done = 0; done < bytes; done += piece, piece = limit) {
    Byte* payload = output.tail() + PacketOutput::kPayloadOffset;
    payload[0] = sshwire::kMsgChannelData;
    store_be(payload + 1, peer_id_);
    store_be(payload + 5, static_cast<std::uint32_t>(piece));
    output.seal(kDataHeaderBytes + piece);
  }
  peer_window_ -= static_cast<std::uint32_t>(bytes);
}

void Channel::send_queued() {
  while (queued_sent_ < queued_.size() && peer_window_ > 0 && !transport_.suspended() &&
         !close_sent_) {
    const std::size_t size =
        std::min({queued_.size() - queued_sent_, std::size_t{peer_window_}, packet_limit()});
    if (!transport_.output().room(size + bytes_around_pieces(size) + kControlReserveBytes)) return;
    send_pieces(queued_.data() + queued_sent_, size);
    queued_sent_ += size;
  }
  if (queued_sent_ == queued_.size()) {
    queued_.clear();
    queued_sent_ = 0;
  }
}

Step Channel::on_window_adjust(std::uint32_t bytes) {
  if (bytes > UINT32_MAX - peer_window_)
    return protocol_error("A window was adjusted beyond 2^32-1");
  peer_window_ += bytes;
  return pump();
}

void Channel::finish(std::uint32_t exit_status) {
  if (!exit_status_) exit_status_ = exit_status;
}

// --- Incoming
// --------------------------------------------------------------------------------------------------------

Step Channel::on_data(ByteView bytes) {
  if (eof_received_ || close_received_)
    return protocol_error("Data came on a channel after its end");
  if (bytes.size() > kMaxDataBytes)
    return protocol_error("Data is longer than the channel's maximum packet size");
  if (bytes.size() > window_) return protocol_error("Data is more than the channel's window");
  window_ -= static_cast<std::uint32_t>(bytes.size());
  transferred_bytes_ += bytes.size();
  // Nobody to take it, or nobody any more: the window is not given back.
  if (handler_ == nullptr || exit_status_ || close_sent_) return {};
  BH_CHECK(take_in_order(bytes));
  return close_if_finished();
}

Step Channel::take_in_order(ByteView bytes) {
  if (held_.empty()) {
    const std::size_t taken = handler_->on_data(bytes);
    // A handler that waits for anything but room to write would wait for ever.
    BH_ASSERT(taken == bytes.size() ||
              (taken < bytes.size() && (blocked_bytes_ > 0 || exit_status_ || handler_->busy())));
    BH_CHECK(give_window(taken));
    bytes = bytes.subspan(taken);
  }
  if (!exit_status_) held_.insert(held_.end(), bytes.begin(), bytes.end());
  return {};
}

Step Channel::bring_held() {
  while (held_taken_ < held_.size() && blocked_bytes_ == 0 && !exit_status_ && !handler_->busy()) {
    const std::size_t taken = handler_->on_data(ByteView(held_).subspan(held_taken_));
    BH_ASSERT(taken <= held_.size() - held_taken_);
    held_taken_ += taken;
    BH_CHECK(give_window(taken));
    if (taken == 0) break;
  }
  if (held_taken_ == held_.size()) {
    Bytes().swap(held_);  // gives the memory back: this is not the usual path
    held_taken_ = 0;
  } else if (held_taken_ >
             held_.size() / 2) {  // what was taken is given back in window: it must not stay
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(held_taken_));
    held_taken_ = 0;
  }
  return {};
}

Step Channel::on_ignored_data(std::size_t bytes) {
  if (bytes > window_) return protocol_error("Data is more than the channel's window");
  window_ -= static_cast<std::uint32_t>(bytes);
  return give_window(bytes);
}

Step Channel::give_window(std::size_t bytes) {
  owed_ += static_cast<std::uint32_t>(bytes);
  taken_since_growth_ += bytes;
  // A message per eighth of the window keeps a long path full and costs nothing.
  if (owed_ < window_max_ / 8) return {};
  grow_window();
  return send_window_adjust();
}

void Channel::grow_window() {
  if (!held_.empty() || taken_since_growth_ < window_max_ ||
      window_max_ >= options_.max_window_bytes)
    return;
  const std::uint32_t more = std::min(window_max_, options_.max_window_bytes - window_max_);
  if (more > window_budget_) return;
  window_budget_ -= more;
  window_max_ += more;
  owed_ += more;
  taken_since_growth_ = 0;
}

Step Channel::send_window_adjust() {
  if (owed_ == 0 || transport_.suspended() || eof_received_ || close_sent_) return {};
  Writer message(sshwire::kMsgChannelWindowAdjust);
  BH_CHECK(transport_.send(message.uint32(peer_id_).uint32(owed_).view()));
  window_ += owed_;
  owed_ = 0;
  return {};
}

Step Channel::on_eof() {
  if (close_received_) return protocol_error("A channel was ended after its close");
  // A second EOF says nothing new. Go's clients (rclone) send one when our EOF crosses theirs.
  if (eof_received_) return {};
  eof_received_ = true;
  return pump();
}

Step Channel::on_close() {
  if (close_received_) return protocol_error("A channel was closed twice");
  close_received_ = true;
  return send_close();
}

// --- Both
// ------------------------------------------------------------------------------------------------------------

Step Channel::pump() {
  send_queued();
  if (handler_ == nullptr || close_sent_) return {};
  if (blocked_bytes_ > 0 && !exit_status_ && can_reserve(blocked_bytes_)) {
    blocked_bytes_ = 0;
    handler_->on_writable();
  }
  BH_CHECK(bring_held());
  if (owed_ >= window_max_ / 8) BH_CHECK(send_window_adjust());
  if (eof_received_ && !eof_told_ && held_.empty() && !exit_status_ && !handler_->busy()) {
    eof_told_ = true;
    handler_->on_eof();
  }
  return close_if_finished();
}

Step Channel::take_turn() {
  if (busy()) handler_->on_turn();
  return pump();
}

Step Channel::close_if_finished() {
  if (!exit_status_ || !queued_.empty() || close_sent_) return {};
  Writer status(sshwire::kMsgChannelRequest);
  status.uint32(peer_id_)
      .string(std::string_view("exit-status"))
      .boolean(false)
      .uint32(*exit_status_);
  BH_CHECK(transport_.send(status.view()));
  BH_CHECK(transport_.send(Writer(sshwire::kMsgChannelEof).uint32(peer_id_).view()));
  return send_close();
}

Step Channel::send_close() {
  if (close_sent_) return {};
  close_sent_ = true;
  return transport_.send(Writer(sshwire::kMsgChannelClose).uint32(peer_id_).view());
}

}  // namespace bulkhead::ssh
