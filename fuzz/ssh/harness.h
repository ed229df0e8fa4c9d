// What the SSH fuzz targets share: an Authority without secrets, plain text behind the key
// exchange, and a driver that checks what must hold whatever comes in.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "ssh/connection.h"
#include "sshwire/kexinit.h"
#include "sshwire/keys.h"
#include "sshwire/numbers.h"
#include "sshwire/userauth.h"
#include "sshwire/writer.h"

namespace bulkhead::ssh::fuzz {

// The same bytes in each run, so that a finding repeats.
class CountingRandom final : public crypto::Random {
 public:
  void fill(MutableByteView bytes) override {
    for (Byte& byte : bytes)
      byte = ++last_;
  }

 private:
  Byte last_ = 0;
};

class OpenAuthority final : public Authority {
 public:
  Result<Greeting> greet() override {
    return Greeting{
        .server_version = "SSH-2.0-Fuzzed", .server_kexinit = kexinit(true), .banner = "hello"};
  }
  Result<Bytes> fresh_kexinit() override { return kexinit(false); }
  Result<SignedExchange> sign_exchange(const ExchangeInputs&) override {
    return SignedExchange{Bytes(51, 1), Bytes(32, 2), Bytes(83, 3)};
  }
  // The password is "p" (to prompts, with any code); any key that parses may sign, and signatures
  // are verified.
  Result<AuthAnswer> authenticate(const AuthRequest& request) override {
    if (const auto* password = std::get_if<PasswordMethod>(&request.method)) {
      if (as_text(password->password.view()) == "p")
        return AuthAnswer{AuthResult::kSuccess, {}, {}, {Bytes(51, 1), Bytes(104, 2)}};
    }
    if (std::holds_alternative<KeyboardInteractiveMethod>(request.method))
      return AuthAnswer{AuthResult::kPrompts, {}, {{"Password: ", false}, {"Code: ", true}}};
    if (const auto* given = std::get_if<PromptResponses>(&request.method)) {
      if (given->responses.size() == 2 && as_text(given->responses[0].view()) == "p")
        return AuthAnswer{AuthResult::kSuccess, {}, {}, {Bytes(51, 1), Bytes(104, 2)}};
    }
    if (const auto* method = std::get_if<PublicKeyMethod>(&request.method)) {
      const Bytes blob =
          method->certificate ? sshwire::certified_key(*method->certificate) : method->blob;
      if (method->certificate)
        BH_ASSERT(equal(sshwire::certificate_blob(*method->certificate), method->blob));
      const auto key = sshwire::parse_public_key(blob);
      if (key && !method->signature) return AuthAnswer{AuthResult::kKeyAcceptable, {}, {}};
      const Bytes message = sshwire::userauth_signed_data(
          Bytes(32, 2), request.user, request.service, method->algorithm, method->blob);
      const auto* certificate = sshwire::find_certificate(method->algorithm);
      const std::string_view algorithm =
          certificate != nullptr ? certificate->signature_algorithm : method->algorithm;
      if (key && sshwire::verify_signature(algorithm, *key, message, *method->signature)) {
        return AuthAnswer{AuthResult::kSuccess, {}, {}, {Bytes(51, 1), Bytes(104, 2)}};
      }
    }
    return AuthAnswer{AuthResult::kFailure, {"publickey", "password"}, {}};
  }
  Result<std::vector<Bytes>> prove_host_keys(const std::vector<Bytes>& blobs) override {
    return std::vector<Bytes>(blobs.size(), Bytes(83, 3));
  }

 private:
  static Bytes kexinit(bool first) {
    return sshwire::compose_kexinit({}, {.profile = sshwire::Profile::kLegacy,
                                         .host_key_algorithms = {"ssh-ed25519"},
                                         .first = first});
  }
};

// Answers each byte with many.
class EchoServices final : public Services {
 public:
  std::unique_ptr<ChannelHandler> open_subsystem(std::string_view, ChannelWriter& writer) override {
    return std::make_unique<Echo>(writer);
  }

 private:
  class Echo final : public ChannelHandler {
   public:
    explicit Echo(ChannelWriter& writer) : writer_(writer) {}
    std::size_t on_data(ByteView bytes) override {
      std::size_t done = 0;
      while (done < bytes.size()) {
        // One byte says how long the reply is, and by how much it falls short of what was reserved.
        const Byte byte = bytes[done];
        const std::size_t size = 1 + byte * (byte < 250 ? 8u : 1000u);
        const MutableByteView space = writer_.reserve(size);
        if (space.empty()) break;
        std::fill(space.begin(), space.end(), byte);
        writer_.commit(size - size * (byte % 4) / 4);
        ++done;
      }
      return done;
    }
    void on_eof() override { writer_.finish(0); }

   private:
    ChannelWriter& writer_;
  };
};

// One connection, and a client that speaks in plain text.
class Driver {
 public:
  Driver() : connection_(authority_, services_, options(), clock_) { connection_.start(); }
  bool ended() const { return connection_.ended(); }

  void feed(ByteView bytes) {
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    for (int rounds = 0; rounds < 100'000 && !connection_.ended(); ++rounds) {
      const std::size_t taken = connection_.consume(held_);
      BH_ASSERT(taken <= held_.size());
      BH_ASSERT(connection_.output().size() <= 512 * 1024);
      held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(taken));
      if (!connection_.wants_input()) {
        drain(SIZE_MAX);  // otherwise nothing more would ever be taken
      } else if (taken == 0) {
        break;
      }
    }
  }
  void drain(std::size_t most) {
    connection_.output_sent(std::min(most, connection_.output().size()));
  }
  void pass_time(std::int64_t ms) {
    clock_.advance_ms(ms);
    connection_.on_time();
  }

  void send(ByteView payload) {
    const std::size_t padding = 8 - (5 + payload.size()) % 8 + 8;
    sshwire::Writer packet;
    packet.uint32(static_cast<std::uint32_t>(1 + payload.size() + padding))
        .byte(static_cast<Byte>(padding));
    packet.raw(payload).raw(Bytes(padding));
    feed(packet.view());
  }
  void send(const sshwire::Writer& message) { send(message.view()); }

  void exchange_keys() {
    feed(as_bytes("SSH-2.0-Fuzzer\r\n"));
    sshwire::Writer kexinit(sshwire::kMsgKexinit);
    kexinit.raw(Bytes(16));
    for (const std::string_view list :
         {"curve25519-sha256,ext-info-c", "ssh-ed25519", "aes128-ctr", "aes128-ctr",
          "hmac-sha2-256", "hmac-sha2-256", "none", "none", "", ""}) {
      kexinit.string(list);
    }
    send(kexinit.boolean(false).uint32(0));
    Bytes point(32);
    point[0] = 9;
    send(sshwire::Writer(sshwire::kMsgKexEcdhInit).string(ByteView(point)));
    send(sshwire::Writer(sshwire::kMsgNewkeys));
    send(sshwire::Writer(sshwire::kMsgServiceRequest).string(std::string_view("ssh-userauth")));
  }
  void log_in() {
    sshwire::Writer request(sshwire::kMsgUserauthRequest);
    request.string(std::string_view("u")).string(std::string_view("ssh-connection"));
    send(request.string(std::string_view("password")).boolean(false).string(std::string_view("p")));
    BH_ASSERT(connection_.logged_in());
  }

  // The input is a row of (command, size, bytes): payloads, raw bytes, draining, time.
  void run(ByteView script) {
    while (script.size() >= 3 && !connection_.ended()) {
      const Byte command = script[0];
      const std::size_t size =
          std::min<std::size_t>(load_be<std::uint16_t>(script.data() + 1), script.size() - 3);
      const ByteView bytes = script.subspan(3, size);
      script = script.subspan(3 + size);
      switch (command) {
        case 1:
          drain(size * 64);
          break;
        case 2:
          feed(bytes);
          break;
        case 3:
          pass_time(static_cast<std::int64_t>(size) * 1000);
          break;
        default:
          if (!bytes.empty()) send(bytes);
          break;
      }
    }
  }

 private:
  Options options() {
    Options result;
    result.output_bytes = 512 * 1024;
    result.initial_window_bytes = 64 * 1024;
    result.max_window_bytes = 256 * 1024;
    result.max_windows_together_bytes = 1024 * 1024;
    result.rekey_after_bytes = 200'000;
    result.random = &random_;
    result.protection.sealer = [](const ProtectionNames&, const ProtectionKeys&) {
      return Result<std::unique_ptr<PacketSealer>>(make_plain_sealer());
    };
    result.protection.opener = [](const ProtectionNames&, const ProtectionKeys&) {
      return Result<std::unique_ptr<PacketOpener>>(make_plain_opener());
    };
    return result;
  }

  CountingRandom random_;
  ManualClock clock_{1'800'000'000'000'000};
  OpenAuthority authority_;
  EchoServices services_;
  Connection connection_;
  Bytes held_;
};

}  // namespace bulkhead::ssh::fuzz
