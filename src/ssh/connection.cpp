#include "ssh/connection.h"

#include <algorithm>
#include <array>

#include "sshwire/reader.h"
#include "sshwire/writer.h"

namespace bulkhead::ssh {
namespace {
using namespace sshwire;  // NOLINT: the numbers of messages, by the dozen

// Room that the output must have before a packet is looked at: a largest reply, and the small
// messages.
constexpr std::size_t kRoomForOnePacket = kMaxReserveBytes + 48 * 1024;

// Where the connection stands; a bit each, for the table.
enum Phase : unsigned {
  kUnsecured = 1,  // before the first NEWKEYS of the client
  kLogin = 2,
  kOpen = 4,
  kSecured = kLogin | kOpen,
  kAlways = kUnsecured | kSecured,
};
}  // namespace

// Message, phases in which it is allowed, handler. What is not here is answered with UNIMPLEMENTED,
// as RFC 4253 section 11.4 wants; what is here and comes in another phase ends the connection.
struct DispatchTable {
  using Handler = Step (*)(Connection&, const Packet&);
  struct Row {
    Byte first;
    Byte last;
    unsigned phases;
    Handler handler;
  };
  template <auto kMember, auto kMethod>
  static Step call(Connection& connection, const Packet& packet) {
    return ((connection.*kMember).*kMethod)(packet);
  }
  template <auto kMethod>
  static Step self(Connection& connection, const Packet& packet) {
    return (connection.*kMethod)(packet);
  }
  // Answers to requests that we never make, and messages that only servers send.
  static Step unexpected(Connection&, const Packet&) {
    return protocol_error("A message came that only answers what was not asked");
  }
  static constexpr auto kT = &Connection::transport_;
  static constexpr auto kL = &Connection::login_;
  static constexpr auto kC = &Connection::channels_;

  static constexpr std::array kRows = {
      Row{kMsgDisconnect, kMsgDisconnect, kAlways, self<&Connection::on_disconnect>},
      Row{kMsgIgnore, kMsgIgnore, kAlways, self<&Connection::on_ignore>},
      Row{kMsgUnimplemented, kMsgUnimplemented, kAlways, self<&Connection::on_unimplemented>},
      Row{kMsgDebug, kMsgDebug, kAlways, self<&Connection::on_debug>},
      Row{kMsgServiceRequest, kMsgServiceRequest, kLogin, call<kL, &Login::on_service_request>},
      Row{kMsgServiceAccept, kMsgServiceAccept, kAlways, unexpected},
      Row{kMsgExtInfo, kMsgExtInfo, kSecured, call<kT, &Transport::on_ext_info>},
      Row{kMsgKexinit, kMsgKexinit, kAlways, self<&Connection::on_kexinit>},
      Row{kMsgNewkeys, kMsgNewkeys, kAlways, self<&Connection::on_newkeys>},
      Row{kMsgKexFirst, kMsgKexLast, kAlways, call<kT, &Transport::on_kex_message>},
      Row{kMsgUserauthRequest, kMsgUserauthRequest, kSecured, call<kL, &Login::on_request>},
      Row{kMsgUserauthFailure, kMsgUserauthInfoRequest, kSecured, unexpected},
      Row{kMsgUserauthInfoResponse, kMsgUserauthInfoResponse, kSecured,
          call<kL, &Login::on_info_response>},
      Row{kMsgUserauthInfoResponse + 1, kMsgUserauthLast, kSecured, unexpected},
      Row{kMsgGlobalRequest, kMsgGlobalRequest, kOpen, call<kC, &Channels::on_global_request>},
      Row{kMsgRequestSuccess, kMsgRequestFailure, kOpen, unexpected},
      Row{kMsgChannelOpen, kMsgChannelOpen, kOpen, call<kC, &Channels::on_open>},
      Row{kMsgChannelOpenConfirmation, kMsgChannelOpenFailure, kOpen, unexpected},
      Row{kMsgChannelWindowAdjust, kMsgChannelWindowAdjust, kOpen,
          call<kC, &Channels::on_window_adjust>},
      Row{kMsgChannelData, kMsgChannelData, kOpen, call<kC, &Channels::on_data>},
      Row{kMsgChannelExtendedData, kMsgChannelExtendedData, kOpen,
          call<kC, &Channels::on_extended_data>},
      Row{kMsgChannelEof, kMsgChannelEof, kOpen, call<kC, &Channels::on_eof>},
      Row{kMsgChannelClose, kMsgChannelClose, kOpen, call<kC, &Channels::on_close>},
      Row{kMsgChannelRequest, kMsgChannelRequest, kOpen, call<kC, &Channels::on_request>},
      Row{kMsgChannelSuccess, kMsgChannelFailure, kOpen, unexpected},
  };

  static const Row* find(Byte message) {
    static constexpr auto kByMessage = [] {
      std::array<std::int8_t, 256> index{};
      index.fill(-1);
      for (std::size_t row = 0; row < kRows.size(); ++row) {
        for (unsigned m = kRows[row].first; m <= kRows[row].last; ++m)
          index[m] = static_cast<std::int8_t>(row);
      }
      return index;
    }();
    const int row = kByMessage[message];
    return row < 0 ? nullptr : &kRows[static_cast<std::size_t>(row)];
  }
};

Connection::Connection(Authority& authority, Services& services, const Options& options,
                       const Clock& clock)
    : options_(options),
      clock_(clock),
      transport_(authority, options_),
      login_(authority, transport_, options_),
      channels_(authority, transport_, services, options_) {}

Connection::~Connection() = default;

void Connection::start() {
  started_at_ms_ = progress_at_ms_ = clock_.monotonic_ms();
  settle(transport_.start(started_at_ms_));
}

bool Connection::wants_input() {
  return !ended() && transport_.output().room(kRoomForOnePacket);
}

std::size_t Connection::consume(MutableByteView received) {
  std::size_t taken = 0;
  while (taken < received.size() && wants_input()) {
    const auto one = consume_one(received.subspan(taken));
    if (!one) {
      settle(std::unexpected(one.error()));
      break;
    }
    if (*one == 0) break;
    taken += *one;
  }
  if (taken > 0 && !ended()) {
    const std::int64_t now_ms = clock_.monotonic_ms();
    note_progress(now_ms);
    settle(channels_.pump());
    if (!ended()) settle(transport_.rekey_if_due(now_ms));
  }
  return taken;
}

StepResult<std::size_t> Connection::consume_one(MutableByteView received) {
  if (!transport_.version_seen()) return transport_.take_version(received);
  BH_TRY(const std::optional<Packet> packet, transport_.next_packet(received));
  if (!packet) return 0;
  const bool may_hold_password = !login_.done();
  const Step step = on_packet(*packet);
  if (may_hold_password) crypto::wipe(received.first(packet->wire_bytes));
  if (!step) return std::unexpected(step.error());
  return packet->wire_bytes;
}

Step Connection::on_packet(const Packet& packet) {
  const Byte message = packet.payload[0];
  BH_CHECK(transport_.check_allowed(message));
  const DispatchTable::Row* row = DispatchTable::find(message);
  if (row == nullptr) return send_unimplemented(packet);
  const Phase phase = !transport_.secured() ? kUnsecured : login_.done() ? kOpen : kLogin;
  if ((row->phases & phase) == 0) return protocol_error("A message came before or after its time");
  return row->handler(*this, packet);
}

Step Connection::on_disconnect(const Packet& packet) {
  Reader reader(packet.payload);
  reader.byte();
  const std::uint32_t reason = reader.uint32();
  // Description and language: not checked, for the connection is over whatever they are, and not
  // kept.
  ending_ =
      Ending{Ending::By::kClient, static_cast<DisconnectReason>(reason), "The client disconnected"};
  return {};
}

Step Connection::on_ignore(const Packet& packet) {
  Reader reader(packet.payload);
  reader.byte();
  reader.string();
  BH_CHECK(reader.check("SSH_MSG_IGNORE"));
  return {};
}

Step Connection::on_debug(const Packet& packet) {
  Reader reader(packet.payload);
  reader.byte();
  reader.boolean();
  reader.string();
  reader.string();
  BH_CHECK(reader.finish("SSH_MSG_DEBUG"));
  return {};
}

Step Connection::on_unimplemented(const Packet& packet) {
  Reader reader(packet.payload);
  reader.byte();
  reader.uint32();
  BH_CHECK(reader.finish("SSH_MSG_UNIMPLEMENTED"));
  return {};  // nothing that we send needs more than a client can do without
}

Step Connection::send_unimplemented(const Packet& packet) {
  return transport_.send(Writer(kMsgUnimplemented).uint32(packet.sequence).view());
}

Step Connection::on_kexinit(const Packet& packet) {
  return transport_.on_kexinit(packet, clock_.monotonic_ms());
}
Step Connection::on_newkeys(const Packet& packet) {
  return transport_.on_newkeys(packet, clock_.monotonic_ms());
}

void Connection::output_sent(std::size_t bytes) {
  transport_.output().sent(bytes);
  if (ended() || bytes == 0) return;
  settle(channels_.pump());
  if (!ended()) settle(transport_.rekey_if_due(clock_.monotonic_ms()));
}

void Connection::take_turn() {
  if (ended()) return;
  progress_at_ms_ = clock_.monotonic_ms();  // a client that waits for work of ours is not idle
  settle(channels_.take_turns());
}

void Connection::note_progress(std::int64_t now_ms) {
  const std::uint64_t bytes = channels_.transferred_bytes();
  if (bytes == progress_bytes_ && login_.done()) return;
  progress_bytes_ = bytes;
  progress_at_ms_ = now_ms;
}

std::optional<std::int64_t> Connection::next_time_ms() const {
  if (ended()) return std::nullopt;
  std::int64_t next = transport_.next_time_ms();
  const Greeting& greeting = transport_.greeting();
  if (!login_.done() && greeting.login_grace_ms > 0)
    next = std::min(next, started_at_ms_ + greeting.login_grace_ms);
  if (greeting.idle_timeout_ms > 0)
    next = std::min(next, progress_at_ms_ + greeting.idle_timeout_ms);
  return next;
}

void Connection::on_time() {
  if (ended()) return;
  const std::int64_t now_ms = clock_.monotonic_ms();
  note_progress(now_ms);
  const Greeting& greeting = transport_.greeting();
  if (!login_.done() && greeting.login_grace_ms > 0 &&
      now_ms >= started_at_ms_ + greeting.login_grace_ms) {
    return end(DisconnectReason::kByApplication, "The login took too long");
  }
  if (greeting.idle_timeout_ms > 0 && now_ms >= progress_at_ms_ + greeting.idle_timeout_ms) {
    return end(DisconnectReason::kByApplication, "The connection was idle for too long");
  }
  settle(transport_.rekey_if_due(now_ms));
}

void Connection::end(DisconnectReason reason, std::string message) {
  settle(disconnect(reason, std::move(message)));
}

void Connection::network_ended(std::string message) {
  if (!ended())
    ending_ = Ending{Ending::By::kNetwork, DisconnectReason::kConnectionLost, std::move(message)};
}

void Connection::settle(const Step& step) {
  if (step || ended()) return;
  transport_.send_disconnect(step.error());
  ending_ = Ending{Ending::By::kServer, step.error().reason, step.error().message};
}

}  // namespace bulkhead::ssh
