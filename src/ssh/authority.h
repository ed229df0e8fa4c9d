// What the SSH server must ask somebody whom it does not have to be: the holder of host keys and
// user accounts.
//
// The process that runs this folder is assumed to be hostile. It has no host key, no user database,
// and its word counts for nothing; so everything that trust hangs on goes through this class. In
// Bulkhead it is implemented over the edge's channel to the vault, which composes, hashes, signs
// and verifies by itself (design, property 1).
//
// Threads and time: called from the one thread of the connection, blocking; the connection does
// nothing else until the answer is there. Call order on one connection: greet() once and first;
// sign_exchange() once for the first key exchange; then authenticate() until it answers kSuccess;
// fresh_kexinit() and then sign_exchange() for each further exchange. A failed Result ends the
// connection; its message is shown to the client, so it must not name anything that a stranger may
// not know.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/secret.h"
#include "sshwire/certificates.h"
#include "sshwire/group_exchange.h"

namespace bulkhead::ssh {

struct Greeting {
  std::string server_version;  // "SSH-2.0-Bulkhead_1", without CR LF (RFC 4253 section 4.2)
  Bytes server_kexinit;  // the whole payload: first byte SSH_MSG_KEXINIT (20), then a cookie never
                         // used before
  std::int64_t login_grace_ms = 60'000;  // from greeting to successful authentication; 0: no limit
  std::int64_t idle_timeout_ms = 900'000;  // without channel data in either direction; 0: no limit
  std::string signature_algorithms;        // for server-sig-algs (RFC 8308 section 3.1)
  std::string banner;  // for SSH_MSG_USERAUTH_BANNER (RFC 4252 section 5.4); empty: none
};

// The names that were negotiated for one direction.
struct AgreedProtection {
  std::string cipher;
  std::string mac;  // empty where the cipher authenticates
};

// Every field is what a client (or a compromised edge) says. Authority bounds and treats all as
// opaque.
struct ExchangeInputs {
  std::string kex_algorithm;       // as negotiated: "curve25519-sha256"
  std::string host_key_algorithm;  // as negotiated: "ssh-ed25519"
  std::string client_version;      // V_C, without CR LF
  Bytes client_kexinit;            // I_C: the whole payload, first byte 20
  Bytes client_public;  // the contents (no length field) of Q_C (RFC 5656 section 4; mpint e of RFC
                        // 4253)
  Bytes server_public;  // the same of Q_S
  std::optional<sshwire::GroupRequest> group_request;  // with group exchange only (RFC 4419)
  // The contents of K as they stand in the hash behind their length field. The SSH server has
  // encoded them already: where the method says mpint (curve25519-sha256: RFC 8731 section 3.1)
  // this is the mpint's contents, big-endian, without superfluous zero bytes, with one zero byte in
  // front where the top bit would be set; where it says string (the post-quantum hybrids) it is the
  // string's contents. Authority hashes uint32(size) || contents, whichever.
  crypto::SecretBytes shared_secret;
  AgreedProtection client_to_server;  // not hashed
  AgreedProtection server_to_client;
};

struct SignedExchange {
  Bytes host_key_blob;   // K_S
  Bytes exchange_hash;   // H, as Authority computed it over its own version and KEXINIT
  Bytes signature_blob;  // string(algorithm) || string(signature), RFC 4253 section 6.6
};

struct NoMethod {};  // "none": the client asks which methods there are
struct PublicKeyMethod {
  std::string algorithm;  // "rsa-sha2-512": how it signs, not what the key is
  Bytes blob;
  std::optional<Bytes> signature;  // nothing: "would this key do?" (RFC 4252 section 7)
  // The blob in its parts, where it is a certificate.
  std::optional<sshwire::Certificate> certificate = {};
};
struct PasswordMethod {
  crypto::SecretBytes password;
};

// RFC 4256. The answer are prompts, in kPrompts; the responses to them come as a request of their
// own, of the same user.
struct KeyboardInteractiveMethod {};
struct PromptResponses {
  std::vector<crypto::SecretBytes> responses;
};

struct AuthRequest {
  std::string user;     // at most 255 bytes of anything
  std::string service;  // always "ssh-connection"
  std::variant<NoMethod, PublicKeyMethod, PasswordMethod, KeyboardInteractiveMethod,
               PromptResponses>
      method;
};

enum class AuthResult {
  kFailure,
  kSuccess,
  kPartial,        // accepted, and another method must follow
  kKeyAcceptable,  // only to a query: this key may sign
  kPrompts,        // only to keyboard-interactive: ask the client this
};

struct Prompt {
  std::string text;
  bool echo = false;  // whether what is typed may be seen
};

struct AuthAnswer {
  AuthResult result = AuthResult::kFailure;
  std::vector<std::string> methods_that_can_continue;  // with kFailure and kPartial
  std::vector<Prompt> prompts;                         // with kPrompts
  std::vector<Bytes> host_keys;                        // with kSuccess: blobs, to be announced
};

class Authority {
 public:
  virtual ~Authority() = default;

  virtual Result<Greeting> greet() = 0;
  // The whole payload for a re-exchange, with a fresh cookie.
  virtual Result<Bytes> fresh_kexinit() = 0;
  // Computes H over its own server version, the KEXINIT that it composed last, and its own host
  // key, and signs that and nothing else. The first H is the connection's session identifier (RFC
  // 4253 section 7.2).
  virtual Result<SignedExchange> sign_exchange(const ExchangeInputs& inputs) = 0;
  // Rebuilds the signed request from its own session identifier and verifies; checks passwords.
  virtual Result<AuthAnswer> authenticate(const AuthRequest& request) = 0;
  // After kSuccess. Signature blobs that prove to this client that Authority has these host keys
  // (OpenSSH's PROTOCOL, section 2.5), in that order. A failure does not end the connection.
  virtual Result<std::vector<Bytes>> prove_host_keys(const std::vector<Bytes>& blobs) = 0;
};

}  // namespace bulkhead::ssh
