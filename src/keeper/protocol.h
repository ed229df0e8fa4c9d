// What vault and keeper say to each other: one datagram of a SOCK_SEQPACKET socketpair each, of
// fixed layout, so that no library parses in the keeper and no copy of a key stays behind in one.
//
//     request   type 1 | number 8 | organisation 8 | epoch 4 | lineage 16 | size 2 | payload
//     reply     number 8 | code 1 | file keys unwrapped 8 | size 2 | payload
//
// Integers are big-endian. Replies come in the order of the requests; number 0 is the keeper's
// greeting, which nobody asked for. In a reply, code 0 is done and any other is 1 + ErrorCode, with
// the sentence as payload.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/sealed_box.h"
#include "keeper/seal_slot.h"
#include "vault/key_keeper.h"

namespace bulkhead::keeper {

enum class RequestType : std::uint8_t {
  kCreateSystemKey = 1,         // payload: none; answered with the wrapped key
  kUnwrapSystemKey = 2,         // the wrapped key; the key
  kCreateOrganisationKey = 3,   // none; the wrapped key
  kLoadOrganisationKey = 4,     // the wrapped key; nothing
  kCreateFileKeys = 5,          // none; kFileKeysAtOnce times lineage, key, wrapped key
  kUnwrapFileKey = 6,           // the wrapped key; the key
  kForget = 7,                  // none; nothing
  kUnseal = 8,                  // the passphrase, in a box to the key of the greeting; nothing
  kDescribeRootKey = 9,         // none; its id
  kAdoptRootKey = 10,           // the next one, in a box to the key of the greeting; its id
  kRewrapSystemKey = 11,        // the wrapped key; wrapped by the next root key
  kRewrapOrganisationKey = 12,  // the same
  kSettleRootKey = 13,          // none; nothing
  kRewrapFileKey = 14,          // another epoch 4, the wrapped key; wrapped by that epoch's key
  kForgetOrganisationKey = 15,  // none; nothing
};
constexpr auto kLastRequestType = RequestType::kForgetOrganisationKey;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kEpochBytes = 4;
constexpr std::size_t kWrappedKeyBytes = kKeyBytes + crypto::kBoxOverhead;
constexpr std::size_t kFileKeysAtOnce = 16;
constexpr std::size_t kNewFileKeyBytes = sizeof(vault::LineageId) + kKeyBytes + kWrappedKeyBytes;

constexpr std::size_t kRequestHeaderBytes = 1 + 8 + 8 + 4 + 16 + 2;
constexpr std::size_t kMaxRequestPayloadBytes = 2048;
constexpr std::size_t kMaxRequestBytes = kRequestHeaderBytes + kMaxRequestPayloadBytes;
constexpr std::size_t kReplyHeaderBytes = 8 + 1 + 8 + 2;
constexpr std::size_t kMaxReplyPayloadBytes = 4096;
constexpr std::size_t kMaxReplyBytes = kReplyHeaderBytes + kMaxReplyPayloadBytes;
static_assert(kFileKeysAtOnce * kNewFileKeyBytes <= kMaxReplyPayloadBytes);

// Payloads point into the buffer that was parsed.
struct Request {
  RequestType type{};
  std::uint64_t number = 0;
  vault::KeyEpoch which;
  vault::LineageId lineage{};
  ByteView payload;
};
struct Reply {
  std::uint64_t number = 0;
  std::uint8_t code = 0;
  std::uint64_t file_keys_unwrapped = 0;
  ByteView payload;
};

// A buffer for either, wiped when it goes.
class Datagram {
 public:
  Datagram() = default;
  Datagram(const Datagram&) = delete;
  Datagram& operator=(const Datagram&) = delete;
  ~Datagram() { crypto::wipe(bytes_); }
  ByteView view() const { return ByteView(bytes_).first(size_); }
  MutableByteView whole() { return bytes_; }
  void resize(std::size_t size) { size_ = size; }

 private:
  std::array<Byte, kMaxReplyBytes> bytes_;
  std::size_t size_ = 0;
};
static_assert(kMaxReplyBytes >= kMaxRequestBytes);

// A payload that is too long is an invariant of ours.
void encode(const Request& request, Datagram& datagram);
void encode(const Reply& reply, Datagram& datagram);
// kMalformed for anything that encode() does not make.
Result<Request> decode_request(ByteView bytes);
Result<Reply> decode_reply(ByteView bytes);

Reply error_reply(std::uint64_t number, const Error& error);
Error error_of(const Reply& reply);

// One datagram, without copies on the way. Descriptors that come with one are closed by the kernel.
// kDisconnected when the other end is gone; kTimeout after the socket's SO_RCVTIMEO, if it has one;
// kMalformed for what is longer than a datagram.
Status send(int socket, const Datagram& datagram);
Status receive(int socket, Datagram& datagram);

// The greeting's payload: what became of the root key, to which key a passphrase is boxed, and what
// protects the keys less well than it could (lines of text).
struct Greeting {
  bool sealed = false;
  std::span<const Seal> seals;  // each opens the root key
  crypto::SealedBoxPublicKey unseal_key{};
  std::string_view warnings;
};
std::size_t encode_greeting(const Greeting& greeting, MutableByteView payload);
// `seals` is where those of the greeting go.
Result<Greeting> decode_greeting(ByteView payload, std::vector<Seal>& seals);

// What is in the box of a request to unseal: the name of a seal and a line end before its PIN, or a
// passphrase and no line end. `secret` points into `words`.
struct UnsealWords {
  Seal seal = Seal::kPassphrase;
  ByteView secret;
};
Result<UnsealWords> parse_unseal_words(ByteView words);

}  // namespace bulkhead::keeper
