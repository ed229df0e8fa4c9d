#include "ssh/channels.h"

#include <algorithm>
#include <array>

#include "ssh/host_key_update.h"
#include "sshwire/writer.h"

namespace bulkhead::ssh {
namespace {
using sshwire::OpenFailure;
using sshwire::Reader;
using sshwire::Writer;

constexpr std::size_t kMaxNameBytes = 256;
constexpr std::size_t kMaxCommandBytes = 8 * 1024;
constexpr std::uint32_t kMinPeerPacket = 1024;  // less would make more packets than data

// Channels that would let a client reach further than Bulkhead, and that we know by name to say so.
constexpr std::array<std::string_view, 6> kForwarding = {
    "direct-tcpip",    "forwarded-tcpip",       "x11", "direct-streamlocal@openssh.com",
    "tun@openssh.com", "auth-agent@openssh.com"};

// Starts something on a channel for a request of the type; nothing: refused. Reads the request's
// own fields.
using Starter = std::unique_ptr<ChannelHandler> (*)(Reader&, Services&, Channel&);
struct RequestRow {
  std::string_view type;
  Starter start;
};
std::unique_ptr<ChannelHandler> start_subsystem(Reader& reader, Services& services,
                                                Channel& channel) {
  const std::string_view name = reader.text(kMaxNameBytes);
  if (!reader.finish("subsystem")) return nullptr;
  return services.open_subsystem(name, channel);
}
std::unique_ptr<ChannelHandler> start_exec(Reader& reader, Services& services, Channel& channel) {
  const std::string_view command = reader.text(kMaxCommandBytes);
  if (!reader.finish("exec")) return nullptr;
  return services.open_exec(command, channel);
}
// Everything else (env, pty-req, shell, x11-req, signal, ...) is answered with CHANNEL_FAILURE
// where an answer is wanted: none of it exists here.
constexpr std::array kRequests = {
    RequestRow{"subsystem", start_subsystem},
    RequestRow{"exec", start_exec},
};
}  // namespace

Channels::Channels(Authority& authority, Transport& transport, Services& services,
                   const Options& options)
    : authority_(authority),
      transport_(transport),
      services_(services),
      options_(options),
      slots_(options.max_channels),
      window_budget_(options.max_windows_together_bytes) {}

Step Channels::on_global_request(const Packet& packet) {
  Reader reader(packet.payload);
  reader.byte();
  const std::string_view type = reader.text(kMaxNameBytes);
  const bool want_reply = reader.boolean();
  BH_CHECK(reader.check("SSH_MSG_GLOBAL_REQUEST"));
  if (type == "no-more-sessions@openssh.com") no_more_sessions_ = true;
  if (!want_reply) return {};
  if (type == kProveHostKeysRequest) return prove_host_keys(transport_, authority_, reader);
  // Also the answer to keepalive@openssh.com: any answer will do.
  return transport_.send(Writer(sshwire::kMsgRequestFailure).view());
}

Step Channels::refuse_open(std::uint32_t peer_id, OpenFailure why, std::string_view message) {
  Writer failure(sshwire::kMsgChannelOpenFailure);
  failure.uint32(peer_id)
      .uint32(static_cast<std::uint32_t>(why))
      .string(message)
      .string(std::string_view("en"));
  return transport_.send(failure.view());
}

Step Channels::on_open(const Packet& packet) {
  Reader reader(packet.payload);
  reader.byte();
  const std::string_view type = reader.text(kMaxNameBytes);
  const std::uint32_t peer_id = reader.uint32();
  const std::uint32_t window = reader.uint32();
  const std::uint32_t max_packet = reader.uint32();
  BH_CHECK(reader.check("SSH_MSG_CHANNEL_OPEN"));  // other types have more fields
  if (std::ranges::find(kForwarding, type) != kForwarding.end()) {
    return refuse_open(peer_id, OpenFailure::kAdministrativelyProhibited,
                       "Forwarding is not offered");
  }
  if (type != "session")
    return refuse_open(peer_id, OpenFailure::kUnknownChannelType, "Unknown type of channel");
  BH_CHECK(reader.finish("SSH_MSG_CHANNEL_OPEN"));
  if (no_more_sessions_) {
    return refuse_open(peer_id, OpenFailure::kAdministrativelyProhibited,
                       "The client wanted no more sessions");
  }
  const auto slot = std::find(slots_.begin(), slots_.end(), nullptr);
  if (slot == slots_.end() || window_budget_ < options_.initial_window_bytes) {
    return refuse_open(peer_id, OpenFailure::kResourceShortage, "Too many channels are open");
  }
  if (max_packet < kMinPeerPacket) {
    return refuse_open(peer_id, OpenFailure::kResourceShortage,
                       "The maximum packet size is under 1024 bytes");
  }
  const auto id = static_cast<std::uint32_t>(slot - slots_.begin());
  *slot = std::make_unique<Channel>(transport_, options_, id,
                                    Channel::Peer{peer_id, window, max_packet}, window_budget_);
  Writer confirmation(sshwire::kMsgChannelOpenConfirmation);
  confirmation.uint32(peer_id)
      .uint32(id)
      .uint32(options_.initial_window_bytes)
      .uint32(kMaxDataBytes);
  return transport_.send(confirmation.view());
}

StepResult<Channel*> Channels::find(std::uint32_t id) {
  if (id >= slots_.size() || slots_[id] == nullptr)
    return protocol_error("A message names a channel that is not open");
  return slots_[id].get();
}

void Channels::remove_gone(Channel& channel) {
  if (!channel.gone()) return;
  transferred_on_gone_ += channel.transferred_bytes();
  slots_[channel.id()].reset();
}

Step Channels::on_window_adjust(const Packet& packet) {
  Reader reader(packet.payload);
  reader.byte();
  const std::uint32_t id = reader.uint32();
  const std::uint32_t bytes = reader.uint32();
  BH_CHECK(reader.finish("SSH_MSG_CHANNEL_WINDOW_ADJUST"));
  BH_TRY(Channel * channel, find(id));
  return channel->on_window_adjust(bytes);
}

Step Channels::on_data(const Packet& packet) {
  Reader reader(packet.payload);
  reader.byte();
  const std::uint32_t id = reader.uint32();
  const ByteView data = reader.string();
  BH_CHECK(reader.finish("SSH_MSG_CHANNEL_DATA"));
  BH_TRY(Channel * channel, find(id));
  return channel->on_data(data);
}

Step Channels::on_extended_data(const Packet& packet) {
  Reader reader(packet.payload);
  reader.byte();
  const std::uint32_t id = reader.uint32();
  reader.uint32();  // data_type_code: no session reads anything but its data
  const ByteView data = reader.string();
  BH_CHECK(reader.finish("SSH_MSG_CHANNEL_EXTENDED_DATA"));
  BH_TRY(Channel * channel, find(id));
  return channel->on_ignored_data(data.size());
}

Step Channels::read_only_channel(const Packet& packet, std::string_view name, Channel*& channel) {
  Reader reader(packet.payload);
  reader.byte();
  const std::uint32_t id = reader.uint32();
  BH_CHECK(reader.finish(name));
  BH_TRY(channel, find(id));
  return {};
}

Step Channels::on_eof(const Packet& packet) {
  Channel* channel = nullptr;
  BH_CHECK(read_only_channel(packet, "SSH_MSG_CHANNEL_EOF", channel));
  return channel->on_eof();
}

Step Channels::on_close(const Packet& packet) {
  Channel* channel = nullptr;
  BH_CHECK(read_only_channel(packet, "SSH_MSG_CHANNEL_CLOSE", channel));
  BH_CHECK(channel->on_close());
  remove_gone(*channel);
  return {};
}

Step Channels::on_request(const Packet& packet) {
  Reader reader(packet.payload);
  reader.byte();
  const std::uint32_t id = reader.uint32();
  const std::string_view type = reader.text(kMaxNameBytes);
  const bool want_reply = reader.boolean();
  BH_CHECK(reader.check("SSH_MSG_CHANNEL_REQUEST"));
  BH_TRY(Channel * channel, find(id));
  std::unique_ptr<ChannelHandler> handler;
  for (const RequestRow& row : kRequests) {
    // RFC 4254 section 6.5: one program per channel.
    if (row.type != type || channel->has_handler()) continue;
    handler = row.start(reader, services_, *channel);
    BH_CHECK(reader.check("SSH_MSG_CHANNEL_REQUEST"));
  }
  const bool started = handler != nullptr;
  if (started) channel->attach(std::move(handler));
  if (!want_reply) return {};
  Writer answer(started ? sshwire::kMsgChannelSuccess : sshwire::kMsgChannelFailure);
  return transport_.send(answer.uint32(channel->peer_id()).view());
}

Step Channels::pump() {
  for (auto& channel : slots_) {
    if (channel != nullptr) BH_CHECK(channel->pump());
  }
  return {};
}

bool Channels::busy() const {
  return std::ranges::any_of(
      slots_, [](const auto& channel) { return channel != nullptr && channel->busy(); });
}

Step Channels::take_turns() {
  for (auto& channel : slots_) {
    if (channel != nullptr && channel->busy()) BH_CHECK(channel->take_turn());
  }
  return {};
}

std::uint64_t Channels::transferred_bytes() const {
  std::uint64_t sum = transferred_on_gone_;
  for (const auto& channel : slots_)
    sum += channel != nullptr ? channel->transferred_bytes() : 0;
  return sum;
}

std::size_t Channels::open_channels() const {
  return slots_.size() -
         static_cast<std::size_t>(std::count(slots_.begin(), slots_.end(), nullptr));
}

}  // namespace bulkhead::ssh
