// The transport layer (RFC 4253): versions, packets, key exchange and re-exchange, strict key
// exchange, EXT_INFO.
//
// No I/O and no dispatch: Connection hands in the messages 1 to 49 and asks for the next packet.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ssh/authority.h"
#include "ssh/disconnect.h"
#include "ssh/key_exchange.h"
#include "ssh/negotiation.h"
#include "ssh/options.h"
#include "ssh/packet_input.h"
#include "ssh/packet_output.h"

namespace bulkhead::ssh {

class Transport {
 public:
  Transport(Authority& authority, const Options& options);

  // Greets: the version line and the first KEXINIT go to the output.
  Step start(std::int64_t now_ms);
  const Greeting& greeting() const { return greeting_; }
  const std::string& client_version() const { return client_version_; }
  const Negotiated& negotiated() const { return negotiated_; }

  // The client's version line; returns how many bytes it took, 0 while it is not whole.
  bool version_seen() const { return !client_version_.empty(); }
  StepResult<std::size_t> take_version(ByteView received);

  StepResult<std::optional<Packet>> next_packet(MutableByteView received) {
    return input_.next(received);
  }
  // Whether this message may come now, as far as key exchange has a say (RFC 4253 section 7.1,
  // strict key exchange).
  Step check_allowed(Byte message) const;

  Step on_kexinit(const Packet& packet, std::int64_t now_ms);
  Step on_kex_message(const Packet& packet);
  Step on_newkeys(const Packet& packet, std::int64_t now_ms);
  Step on_ext_info(const Packet& packet);

  bool secured() const { return secured_; }  // both sides have switched to keys at least once
  // From our KEXINIT until our NEWKEYS nothing but key exchange may leave; small messages wait,
  // data must not come.
  bool suspended() const { return suspended_; }
  Step rekey_if_due(std::int64_t now_ms);
  // When rekey_if_due() must be called at the latest.
  std::int64_t next_time_ms() const {
    return exchange_ == Exchange::kNone ? rekey_at_ms_ : exchange_until_ms_;
  }

  // A whole small message; kept back while suspended. An error where a client lets too many pile
  // up.
  Step send(ByteView payload);
  PacketOutput& output() { return output_; }
  const PacketOutput& output() const { return output_; }
  void send_disconnect(const Disconnect& why);

 private:
  // Where the client's side of an exchange stands.
  enum class Exchange { kNone, kAwaitKexinit, kAwaitMethod, kAwaitNewkeys };

  Step send_now(ByteView payload);
  Step send_kexinit(Bytes kexinit);
  bool due(std::int64_t now_ms) const;
  Step finish_exchange(const Agreement& agreement);
  Step switch_output();
  Step send_ext_info();
  Step send_deferred();

  Authority& authority_;
  const Options& options_;
  PacketInput input_;
  PacketOutput output_;
  Greeting greeting_;
  std::string client_version_;

  Exchange exchange_ = Exchange::kNone;
  bool suspended_ = false;
  bool secured_ = false;
  bool strict_ = false;
  bool ext_info_sent_ = false;
  bool ignore_guess_ = false;
  Bytes server_kexinit_;
  Bytes client_kexinit_;
  Negotiated negotiated_;
  std::unique_ptr<KeyExchange> method_;
  Bytes session_id_;
  std::unique_ptr<PacketOpener> next_opener_;
  std::unique_ptr<PacketSealer> next_sealer_;
  std::int64_t rekey_at_ms_ = 0;
  std::int64_t exchange_until_ms_ = 0;

  std::vector<Bytes> deferred_;
  std::size_t deferred_bytes_ = 0;
};

}  // namespace bulkhead::ssh
