#include "ssh/key_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ssh/key_exchange_methods.h"
#include "sshwire/numbers.h"
#include "sshwire/reader.h"

namespace bulkhead::ssh {
namespace {
struct Row {
  std::string_view name;
  std::unique_ptr<KeyExchange> (*make)();
};
constexpr std::array kMethods = {
    Row{"mlkem768x25519-sha256", make_mlkem768_x25519},
    Row{"curve25519-sha256", make_curve25519},
    Row{"curve25519-sha256@libssh.org", make_curve25519},
    Row{"ecdh-sha2-nistp256", make_ecdh<crypto::EcCurve::kP256>},
    Row{"ecdh-sha2-nistp384", make_ecdh<crypto::EcCurve::kP384>},
    Row{"ecdh-sha2-nistp521", make_ecdh<crypto::EcCurve::kP521>},
    Row{"diffie-hellman-group14-sha256", make_dh<crypto::DhGroup::k2048>},
    Row{"diffie-hellman-group16-sha512", make_dh<crypto::DhGroup::k4096>},
    Row{"diffie-hellman-group18-sha512", make_dh<crypto::DhGroup::k8192>},
    Row{"diffie-hellman-group-exchange-sha256", make_group_exchange},
};
}  // namespace

std::unique_ptr<KeyExchange> make_key_exchange(std::string_view name) {
  for (const Row& row : kMethods) {
    if (row.name == name) return row.make();
  }
  return nullptr;
}

std::unexpected<Disconnect> foreign_message() {
  return protocol_error("A message does not belong to the key exchange method");
}

StepResult<ByteView> read_kex_init(ByteView payload, std::size_t size) {
  sshwire::Reader reader(payload);
  const Byte message = reader.byte();
  const ByteView theirs = reader.string();
  BH_CHECK(reader.finish("SSH_MSG_KEX_ECDH_INIT"));
  if (message != sshwire::kMsgKexEcdhInit) {
    return foreign_message();
  }
  if (theirs.size() != size) {
    return disconnect(DisconnectReason::kKeyExchangeFailed,
                      fmt::format("The client's public key does not have {} bytes", size));
  }
  return theirs;
}

crypto::SecretBytes KeyMaterial::derive(char letter, std::size_t size) const {
  // K1 = HASH(K || H || letter || session_id), K2 = HASH(K || H || K1), ...
  Byte length[4];
  store_be(length, static_cast<std::uint32_t>(shared_secret.size()));
  crypto::SecretBytes key(size);
  std::size_t have = 0;
  while (have < size) {
    crypto::Hasher hasher(hash);
    hasher.update(length);
    hasher.update(shared_secret);
    hasher.update(exchange_hash);
    if (have == 0) {
      const Byte which = static_cast<Byte>(letter);
      hasher.update({&which, 1});
      hasher.update(session_id);
    } else {
      hasher.update(key.view().first(have));
    }
    Bytes block = hasher.finish();
    const std::size_t take = std::min(block.size(), size - have);
    std::copy_n(block.begin(), take,
                key.mutable_view().begin() + static_cast<std::ptrdiff_t>(have));
    crypto::wipe(block);
    have += take;
  }
  return key;
}

ProtectionKeys KeyMaterial::client_to_server(const ProtectionSizes& sizes) const {
  return {derive('A', sizes.iv_bytes), derive('C', sizes.key_bytes),
          derive('E', sizes.mac_key_bytes)};
}

ProtectionKeys KeyMaterial::server_to_client(const ProtectionSizes& sizes) const {
  return {derive('B', sizes.iv_bytes), derive('D', sizes.key_bytes),
          derive('F', sizes.mac_key_bytes)};
}

}  // namespace bulkhead::ssh
