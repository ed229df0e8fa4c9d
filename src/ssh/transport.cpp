#include "ssh/transport.h"

#include <algorithm>

#include "sshwire/exchange_hash.h"
#include "sshwire/kexinit.h"
#include "sshwire/names.h"
#include "sshwire/reader.h"
#include "sshwire/writer.h"

namespace bulkhead::ssh {
namespace {
using namespace sshwire;  // NOLINT: the numbers of messages, by the dozen

constexpr std::size_t kMaxDeferredBytes = 64 * 1024;
constexpr std::size_t kMaxVersionLine = 255;  // RFC 4253 section 4.2: with CR LF
// A client's KEXINIT may stand behind a whole window of data on a slow line; but it must come.
constexpr std::int64_t kMaxExchangeMs = 600'000;

bool is_kex_method_message(Byte message) {
  return message >= kMsgKexFirst && message <= kMsgKexLast;
}
}  // namespace

Transport::Transport(Authority& authority, const Options& options)
    : authority_(authority), options_(options), output_(options.output_bytes, *options.random) {}

Step Transport::start(std::int64_t now_ms) {
  BH_TRY(greeting_, authority_.greet());
  if (!output_.send_raw(as_bytes(greeting_.server_version + "\r\n"))) {
    return disconnect(DisconnectReason::kByApplication, "The server's version is too long");
  }
  rekey_at_ms_ = now_ms + options_.rekey_after_ms;
  exchange_until_ms_ = now_ms + kMaxExchangeMs;
  return send_kexinit(greeting_.server_kexinit);
}

StepResult<std::size_t> Transport::take_version(ByteView received) {
  const ByteView window = received.first(std::min(received.size(), kMaxVersionLine));
  const auto line_feed = std::ranges::find(window, '\n');
  if (line_feed == window.end()) {
    if (received.size() < kMaxVersionLine) return 0;
    return protocol_error("The client's version line is longer than 255 bytes");
  }
  const auto size = static_cast<std::size_t>(line_feed - window.begin());
  std::string_view line = as_text(window.first(size));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!line.starts_with("SSH-")) return protocol_error("The client does not speak SSH");
  if (!line.starts_with("SSH-2.0-") && !line.starts_with("SSH-1.99-")) {
    return disconnect(DisconnectReason::kProtocolVersionNotSupported,
                      "Only version 2.0 of SSH is supported");
  }
  if (!is_version(line)) return protocol_error("The client's version line is malformed");
  client_version_ = line;
  return size + 1;
}

Step Transport::check_allowed(Byte message) const {
  const bool kex =
      message == kMsgKexinit || message == kMsgNewkeys || is_kex_method_message(message);
  if (message == kMsgDisconnect || kex) return {};
  if (strict_ && !secured_) {
    return protocol_error("Strict key exchange allows no other message before the first NEWKEYS");
  }
  const bool client_is_exchanging =
      exchange_ == Exchange::kAwaitMethod || exchange_ == Exchange::kAwaitNewkeys;
  if (client_is_exchanging && message > kMsgDebug) {
    return protocol_error("This message must not come during a key exchange");
  }
  return {};
}

Step Transport::send_kexinit(Bytes kexinit) {
  server_kexinit_ = std::move(kexinit);
  exchange_ = Exchange::kAwaitKexinit;
  BH_CHECK(send_now(server_kexinit_));
  suspended_ = true;
  return {};
}

Step Transport::on_kexinit(const Packet& packet, std::int64_t now_ms) {
  if (exchange_ == Exchange::kAwaitMethod || exchange_ == Exchange::kAwaitNewkeys) {
    return protocol_error("A second KEXINIT came during a key exchange");
  }
  if (exchange_ == Exchange::kNone) {  // the client wants new keys
    exchange_until_ms_ = now_ms + kMaxExchangeMs;
    BH_TRY(Bytes fresh, authority_.fresh_kexinit());
    BH_CHECK(send_kexinit(std::move(fresh)));
  }
  client_kexinit_ = to_bytes(packet.payload);
  BH_TRY(const Kexinit client, parse_kexinit(client_kexinit_));
  BH_TRY(const Kexinit server, parse_kexinit(server_kexinit_));
  BH_TRY(negotiated_, negotiate(client, server));
  if (!secured_) {  // later the indicators mean nothing
    strict_ =
        negotiated_.client_strict_kex && has_name(server.lists[kKexAlgorithms], kStrictKexServer);
    if (strict_ && packet.sequence != 0) {
      return protocol_error("Strict key exchange wants KEXINIT to be the first packet");
    }
  }
  method_ = make_key_exchange(negotiated_.kex);
  if (method_ == nullptr) {
    return disconnect(DisconnectReason::kKeyExchangeFailed,
                      "This key exchange method is not implemented");
  }
  ignore_guess_ = negotiated_.wrong_guess;
  exchange_ = Exchange::kAwaitMethod;
  return {};
}

Step Transport::on_kex_message(const Packet& packet) {
  if (exchange_ != Exchange::kAwaitMethod)
    return protocol_error("A key exchange message came without a KEXINIT");
  if (ignore_guess_) {
    ignore_guess_ = false;
    return {};
  }
  BH_TRY(auto progress, method_->on_message(packet.payload, *options_.random));
  if (!progress.answer.empty()) BH_CHECK(send_now(progress.answer));
  if (progress.agreement == nullptr) return {};
  method_.reset();
  return finish_exchange(*progress.agreement);
}

Step Transport::finish_exchange(const Agreement& agreement) {
  ExchangeInputs inputs = {
      negotiated_.kex,         negotiated_.host_key,    client_version_,         client_kexinit_,
      agreement.client_public, agreement.server_public, agreement.group_request, {}};
  inputs.shared_secret = crypto::SecretBytes(agreement.shared_secret.view());
  const auto agreed = [](const DirectionAlgorithms& direction) {
    return AgreedProtection{direction.cipher, direction.mac};
  };
  inputs.client_to_server = agreed(negotiated_.client_to_server);
  inputs.server_to_client = agreed(negotiated_.server_to_client);
  BH_TRY(const SignedExchange exchange, authority_.sign_exchange(inputs));
  if (session_id_.empty()) session_id_ = exchange.exchange_hash;
  const KexName* kex = find_kex(negotiated_.kex);
  BH_ASSERT(kex != nullptr);  // it was negotiated from the same table

  const KeyMaterial material = {kex->hash, agreement.shared_secret.view(), exchange.exchange_hash,
                                session_id_};
  const ProtectionNames in = {negotiated_.client_to_server.cipher,
                              negotiated_.client_to_server.mac};
  const ProtectionNames out = {negotiated_.server_to_client.cipher,
                               negotiated_.server_to_client.mac};
  BH_TRY(const ProtectionSizes in_sizes, protection_sizes(in));
  BH_TRY(const ProtectionSizes out_sizes, protection_sizes(out));
  BH_TRY(next_opener_, options_.protection.opener(in, material.client_to_server(in_sizes)));
  BH_TRY(next_sealer_, options_.protection.sealer(out, material.server_to_client(out_sizes)));

  Writer reply(agreement.reply_message);
  reply.string(exchange.host_key_blob)
      .string(agreement.server_public)
      .string(exchange.signature_blob);
  BH_CHECK(send_now(reply.view()));
  exchange_ = Exchange::kAwaitNewkeys;
  return switch_output();
}

Step Transport::switch_output() {
  BH_CHECK(send_now(Writer(kMsgNewkeys).view()));
  output_.protect(std::move(next_sealer_));
  if (strict_) output_.reset_sequence();
  suspended_ = false;
  // RFC 8308 section 2.4: the very next packet after the first NEWKEYS, to clients that ask for it.
  if (!ext_info_sent_ && negotiated_.client_ext_info) BH_CHECK(send_ext_info());
  ext_info_sent_ = true;
  return send_deferred();
}

Step Transport::send_ext_info() {
  Writer message(kMsgExtInfo);
  message.uint32(1).string(std::string_view("server-sig-algs"));
  message.string(std::string_view(greeting_.signature_algorithms));
  return send_now(message.view());
}

Step Transport::on_newkeys(const Packet& packet, std::int64_t now_ms) {
  if (packet.payload.size() != 1) return protocol_error("NEWKEYS has bytes left over");
  if (exchange_ != Exchange::kAwaitNewkeys)
    return protocol_error("NEWKEYS came before the keys were exchanged");
  input_.protect(std::move(next_opener_));
  if (strict_) input_.reset_sequence();
  exchange_ = Exchange::kNone;
  secured_ = true;
  rekey_at_ms_ = now_ms + options_.rekey_after_ms;
  return {};
}

Step Transport::on_ext_info(const Packet& packet) {
  // Nothing that a client can announce concerns us; but it has to be well-formed.
  Reader reader(packet.payload);
  reader.byte();
  const std::uint32_t count = reader.uint32();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    reader.string();
    reader.string();
  }
  BH_CHECK(reader.finish("SSH_MSG_EXT_INFO"));
  return {};
}

bool Transport::due(std::int64_t now_ms) const {
  return now_ms >= rekey_at_ms_ || input_.bytes_under_key() >= options_.rekey_after_bytes ||
         output_.bytes_under_key() >= options_.rekey_after_bytes ||
         input_.packets_under_key() >= options_.rekey_after_packets ||
         output_.packets_under_key() >= options_.rekey_after_packets;
}

Step Transport::rekey_if_due(std::int64_t now_ms) {
  if (exchange_ != Exchange::kNone) {
    if (now_ms < exchange_until_ms_) return {};
    return disconnect(DisconnectReason::kKeyExchangeFailed,
                      "The client does not finish the key exchange");
  }
  if (!due(now_ms)) return {};
  exchange_until_ms_ = now_ms + kMaxExchangeMs;
  BH_TRY(Bytes fresh, authority_.fresh_kexinit());
  return send_kexinit(std::move(fresh));
}

Step Transport::send_now(ByteView payload) {
  if (output_.send(payload)) return {};
  return disconnect(DisconnectReason::kByApplication, "The client does not read what it asked for");
}

Step Transport::send(ByteView payload) {
  if (!suspended_) return send_now(payload);
  deferred_bytes_ += payload.size();
  if (deferred_bytes_ > kMaxDeferredBytes) {
    return disconnect(DisconnectReason::kByApplication,
                      "The client asks too much during a key exchange");
  }
  deferred_.push_back(to_bytes(payload));
  return {};
}

Step Transport::send_deferred() {
  for (const Bytes& payload : deferred_)
    BH_CHECK(send_now(payload));
  deferred_.clear();
  deferred_bytes_ = 0;
  return {};
}

void Transport::send_disconnect(const Disconnect& why) {
  if (greeting_.server_version.empty())
    return;  // nothing was said yet: a packet would not be understood
  Writer message(kMsgDisconnect);
  message.uint32(static_cast<std::uint32_t>(why.reason)).string(std::string_view(why.message));
  message.string(std::string_view("en"));
  // Without room the client is not reading; it gets the closed connection only.
  (void)output_.send(message.view());
}

}  // namespace bulkhead::ssh
