// The age file format, version 1 (C2SP age-encryption.org/v1), X25519 recipients: what the stock
// `age` tool opens.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/x25519.h"

namespace bulkhead::crypto {

// "age1…" (Bech32, BIP 173).
class AgeRecipient {
 public:
  static Result<AgeRecipient> parse(std::string_view text);
  explicit AgeRecipient(const X25519PublicKey& key) : key_(key) {}
  std::string to_string() const;
  const X25519PublicKey& key() const { return key_; }

 private:
  X25519PublicKey key_{};
};

// "AGE-SECRET-KEY-1…".
class AgeIdentity {
 public:
  static AgeIdentity generate(Random& random);
  static Result<AgeIdentity> parse(std::string_view text);
  // Reads an identity file as age-keygen writes it: comments, blank lines, one identity a line.
  static Result<std::vector<AgeIdentity>> parse_file(std::string_view contents);
  std::string to_string() const;  // secret
  AgeRecipient recipient() const { return AgeRecipient(pair_.public_key); }
  const X25519KeyPair& pair() const { return pair_; }

 private:
  explicit AgeIdentity(X25519KeyPair pair) : pair_(std::move(pair)) {}
  X25519KeyPair pair_;
};

using ByteSink = std::function<Status(ByteView)>;

// Encrypts a stream to all recipients. Feed with write(), end with finish() (without it the file
// does not open). Buffers one 64 KiB chunk.
class AgeEncryptor {
 public:
  // At least one recipient, at most 20 (kInvalidArgument, also for a key of small order). The sink
  // gets the header at once. Its errors are handed on and end the file: nothing can be written
  // after one.
  static Result<AgeEncryptor> start(const std::vector<AgeRecipient>& recipients, Random& random,
                                    ByteSink sink);
  AgeEncryptor(AgeEncryptor&&) noexcept;
  AgeEncryptor& operator=(AgeEncryptor&&) noexcept;
  ~AgeEncryptor();
  Status write(ByteView plaintext);
  Status finish();

 private:
  struct State;
  explicit AgeEncryptor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Decrypts a whole age file that is in memory or mapped; plaintext goes to `sink` chunk by chunk,
// each verified before it is handed on. Input is hostile. Only when it returns without an error was
// that the whole file: what the sink got before an error is a beginning. Errors: kMalformed (not an
// age file, or cut off where that can be told), kLimitExceeded (a header over 64 KiB),
// kNotAuthenticated (none of the identities opens it), kCorrupt (header or chunk does not verify;
// what came before did), and the sink's own.
Status age_decrypt(ByteView file, const std::vector<AgeIdentity>& identities, const ByteSink& sink);

}  // namespace bulkhead::crypto
