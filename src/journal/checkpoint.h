// Checkpoints: a tree head as a signed note (C2SP signed-note, tlog-checkpoint), Ed25519.
//
//     example.org/bulkhead/7f3a
//     1287
//     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//
//     — example.org/bulkhead/7f3a
//     Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/signature.h"
#include "journal/merkle.h"

namespace bulkhead::journal {

// Who signs: the name of the key is the origin of the log, as tlog-checkpoint recommends. 1 to 255
// bytes of UTF-8 without spaces, control characters or '+'.
struct CheckpointKey {
  std::string origin;
  crypto::Ed25519PublicKey public_key{};
};
Status check_origin(std::string_view origin);

// "<origin>+<hex key id>+<base64(0x01 || key)>": a verifier key as other tools take it (C2SP
// signed-note).
std::string verifier_key(const CheckpointKey& key);
Result<CheckpointKey> parse_verifier_key(std::string_view text);  // hostile input

// The whole note, ready for Journal::add_checkpoint().
std::string sign_checkpoint(const std::string& origin, const TreeHead& head,
                            const crypto::Ed25519KeyPair& key);

struct SignatureLine {
  std::string name;
  Bytes key_id;     // 4 bytes
  Bytes signature;  // without the key id
};
struct Checkpoint {
  std::string origin;
  TreeHead head;
  std::string signed_text;  // what the signatures cover
  std::vector<SignatureLine> signatures;
};

// The note as text again: byte for byte what was parsed, where that was as sign_checkpoint()
// writes.
std::string encode(const Checkpoint& checkpoint);

// Hostile input: at most 16 KiB, at most 16 signatures. kMalformed says what does not fit.
Result<Checkpoint> parse_checkpoint(std::string_view note);
// Whether it is of this origin and carries a valid signature of this key.
bool verify_checkpoint(const Checkpoint& checkpoint, const CheckpointKey& key);

// --- Witnesses (C2SP tlog-cosignature, Ed25519): who says that at some time this was the newest
// head that they saw, and that it went on from all that they had seen before.

struct WitnessKey {
  std::string name;
  crypto::Ed25519PublicKey public_key{};
};
std::string verifier_key(const WitnessKey& key);
Result<WitnessKey> parse_witness_key(std::string_view text);  // hostile input

// When that witness cosigned it (POSIX seconds), if it did.
std::optional<std::uint64_t> cosigned_at(const Checkpoint& checkpoint, const WitnessKey& witness);
// The line of the checkpoint's own key, then those cosignatures of these witnesses that hold; what
// others signed is left out.
Checkpoint only_known_signatures(const Checkpoint& checkpoint, const CheckpointKey& key,
                                 const std::vector<WitnessKey>& witnesses);

}  // namespace bulkhead::journal
