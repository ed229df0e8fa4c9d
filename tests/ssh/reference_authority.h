// An Authority that is everything in one process, for tests: a real host key, accounts in memory.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "crypto/signature.h"
#include "ssh/authority.h"
#include "sshwire/names.h"

namespace bulkhead::ssh::testing {

class ReferenceAuthority final : public Authority {
 public:
  struct User {
    std::string password;  // empty: none
    std::vector<Bytes> key_blobs;
    bool needs_both = false;  // a key, then the password
    std::string code;         // asked for beside the password in keyboard-interactive
  };

  explicit ReferenceAuthority(crypto::Random& random = crypto::system_random());

  Result<Greeting> greet() override;
  Result<Bytes> fresh_kexinit() override;
  Result<SignedExchange> sign_exchange(const ExchangeInputs& inputs) override;
  Result<AuthAnswer> authenticate(const AuthRequest& request) override;
  Result<std::vector<Bytes>> prove_host_keys(const std::vector<Bytes>& blobs) override;

  std::map<std::string, User> users;
  Greeting greeting;  // what greet() answers, but for the KEXINIT
  sshwire::Profile profile = sshwire::Profile::kLegacy;  // everything that there is
  const crypto::Ed25519PublicKey& host_key() const { return host_key_.public_key; }
  const Bytes& session_id() const { return session_id_; }
  int exchanges = 0;
  AgreedProtection client_to_server;  // of the last exchange
  AgreedProtection server_to_client;
  bool refuse_to_sign = false;

  std::vector<Bytes> announced_host_keys;  // after a log-in
  std::vector<Bytes> asked_to_prove;       // what came last

 private:
  Bytes compose(bool first);
  AuthAnswer failure() const;
  AuthAnswer check_key(const User& user, const AuthRequest& request, const PublicKeyMethod& method);

  crypto::Random& random_;
  crypto::Ed25519KeyPair host_key_;
  Bytes kexinit_;
  Bytes session_id_;
  bool key_proved_ = false;
};

}  // namespace bulkhead::ssh::testing
