// Proofs for others: collected from a stream of leaves in memory that does not grow with the
// journal, and written as C2SP tlog-proof and as the request of tlog-witness.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "journal/checkpoint.h"
#include "journal/merkle.h"

namespace bulkhead::journal {

// Say first what is wanted, then append every leaf, then take the proofs.
class ProofCollector {
 public:
  // `size` is that of the tree which the proof is for; index < size, 0 < old_size <= size.
  void want_inclusion(std::uint64_t index, std::uint64_t size);
  void want_consistency(std::uint64_t old_size, std::uint64_t size);

  void append(const Hash& leaf);
  std::uint64_t appended() const { return frontier_.size(); }

  // What was wanted, after `size` leaves were appended.
  std::vector<Hash> inclusion(std::uint64_t index, std::uint64_t size) const;
  std::vector<Hash> consistency(std::uint64_t old_size, std::uint64_t size) const;

 private:
  using Place = std::pair<unsigned, std::uint64_t>;  // level, index
  SubtreeHash wish();
  SubtreeHash known() const;
  void saw(unsigned level, std::uint64_t index, const Hash& hash);

  std::map<Place, Hash> subtrees_;
  Frontier frontier_;
};

// One entry and why it is in the tree that a checkpoint signs (C2SP tlog-proof). The entry's own
// bytes travel in the line "extra".
struct InclusionProof {
  std::uint64_t index = 0;
  Bytes entry;
  std::vector<Hash> path;
  std::string note;  // the checkpoint, whole
};
std::string encode(const InclusionProof& proof);
// Hostile input: at most 256 KiB and 64 hashes. kMalformed says what does not fit.
Result<InclusionProof> parse_inclusion_proof(std::string_view text);
// Whether the entry is where it says, under the head of its own checkpoint. The checkpoint's
// signature is for verify_checkpoint().
Result<Checkpoint> check_inclusion_proof(const InclusionProof& proof);

// The body of add-checkpoint (C2SP tlog-witness): what a witness wants to see before it cosigns.
std::string add_checkpoint_request(std::uint64_t old_size, std::span<const Hash> consistency,
                                   std::string_view note);

}  // namespace bulkhead::journal
