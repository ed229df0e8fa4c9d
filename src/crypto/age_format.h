// Inside crypto only: what writing and reading an age file share (C2SP age-encryption.org/v1).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/library.h"
#include "crypto/secret.h"
#include "crypto/x25519.h"

namespace bulkhead::crypto::age {

constexpr std::string_view kVersionLine = "age-encryption.org/v1";
constexpr std::string_view kStanzaStart = "-> ";
constexpr std::string_view kMacStart = "---";
constexpr std::string_view kX25519 = "X25519";
constexpr std::size_t kBodyColumns = 64;
constexpr std::size_t kFileKeySize = 16;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kWrappedSize = kFileKeySize + kTagSize;
constexpr std::size_t kPayloadNonceSize = 16;
constexpr std::size_t kChunkSize = 64 * 1024;
// The format has no bound. 600 recipients fit, and a hostile header costs at most that many key
// agreements.
constexpr std::size_t kMostHeaderBytes = 64 * 1024;

using FileKey = Secret<kFileKeySize>;
using WrappedFileKey = ByteArray<kWrappedSize>;
using HeaderMac = ByteArray<32>;

// Section "The X25519 recipient type". `share` is the ephemeral public key.
Secret<32> wrap_key(const Secret<32>& shared, const X25519PublicKey& share,
                    const X25519PublicKey& recipient);
WrappedFileKey wrap_file_key(const Secret<32>& wrap, const FileKey& file_key);
std::optional<FileKey> unwrap_file_key(const Secret<32>& wrap, const WrappedFileKey& wrapped);

// Section "Header MAC". `header` is everything up to and with the three dashes.
HeaderMac header_mac(const FileKey& file_key, std::string_view header);

// Section "Payload": STREAM with ChaCha20-Poly1305. Chunks one after the other; whether it is the
// last is part of the nonce.
class ChunkCipher {
 public:
  ChunkCipher(const FileKey& file_key, ByteView payload_nonce, bool encrypting);
  // `out` has room for the chunk and its tag.
  void seal(ByteView plaintext, bool last, MutableByteView out);
  // Does not go on to the next chunk when it fails.
  bool open(ByteView chunk_and_tag, bool last, MutableByteView plaintext);

 private:
  ByteArray<12> nonce(bool last) const;
  CipherContextPtr context_;
  std::uint64_t index_ = 0;
};

struct X25519Stanza {
  X25519PublicKey share;
  WrappedFileKey wrapped;
};

struct Header {
  std::vector<X25519Stanza> stanzas;  // those of other types are left out
  std::string_view authenticated;     // up to and with the three dashes
  HeaderMac mac;
  std::size_t size;  // of all of it, in bytes
};

// Input is hostile. Errors: kMalformed, kLimitExceeded.
Result<Header> parse_header(ByteView file);

}  // namespace bulkhead::crypto::age
