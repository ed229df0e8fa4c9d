#include "journal/proof.h"

#include <fmt/format.h>

#include <algorithm>

#include "journal/note_lines.h"

namespace bulkhead::journal {
namespace {

constexpr std::string_view kProofFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtraPrefix = "extra ";
constexpr std::string_view kIndexPrefix = "index ";
constexpr std::size_t kMaxProofSize = 256 * 1024;
constexpr std::size_t kMaxPath = 64;

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::kMalformed, fmt::format("not a proof of an entry: {}", what));
}

std::string hash_lines(std::span<const Hash> hashes) {
  std::string lines;
  for (const Hash& hash : hashes)
    lines += to_base64(hash) + "\n";
  return lines;
}

}  // namespace

// --- Collecting

SubtreeHash ProofCollector::wish() {
  return [this](unsigned level, std::uint64_t index) { return subtrees_[{level, index}]; };
}

SubtreeHash ProofCollector::known() const {
  return [this](unsigned level, std::uint64_t index) { return subtrees_.at({level, index}); };
}

// The pure functions say which subtrees they look at; their result is of no interest yet.
void ProofCollector::want_inclusion(std::uint64_t index, std::uint64_t size) {
  inclusion_proof(index, size, wish());
}
void ProofCollector::want_consistency(std::uint64_t old_size, std::uint64_t size) {
  consistency_proof(old_size, size, wish());
}

void ProofCollector::saw(unsigned level, std::uint64_t index, const Hash& hash) {
  const auto found = subtrees_.find({level, index});
  if (found != subtrees_.end()) found->second = hash;
}

void ProofCollector::append(const Hash& leaf) {
  const std::uint64_t index = frontier_.size();
  frontier_.append(leaf,
                   [&](unsigned level, const Hash& hash) { saw(level, index >> level, hash); });
}

std::vector<Hash> ProofCollector::inclusion(std::uint64_t index, std::uint64_t size) const {
  BH_ASSERT(appended() >= size);
  return inclusion_proof(index, size, known());
}
std::vector<Hash> ProofCollector::consistency(std::uint64_t old_size, std::uint64_t size) const {
  BH_ASSERT(appended() >= size);
  return consistency_proof(old_size, size, known());
}

// --- As text

std::string encode(const InclusionProof& proof) {
  return fmt::format("{}\n{}{}\n{}{}\n{}\n{}", kProofFirstLine, kExtraPrefix,
                     to_base64(proof.entry), kIndexPrefix, proof.index, hash_lines(proof.path),
                     proof.note);
}

Result<InclusionProof> parse_inclusion_proof(std::string_view text) {
  if (text.size() > kMaxProofSize) return malformed("it is longer than 256 KiB");
  InclusionProof proof;
  if (take_line(text) != kProofFirstLine)
    return malformed(fmt::format("its first line is not {}", kProofFirstLine));
  auto line = take_line(text);
  if (!line || !line->starts_with(kExtraPrefix))
    return malformed("its second line does not hold the entry (extra …)");
  auto entry = from_base64(line->substr(kExtraPrefix.size()));
  if (!entry || entry->empty()) return malformed("its entry is not base64");
  proof.entry = std::move(*entry);
  line = take_line(text);
  const auto index = line && line->starts_with(kIndexPrefix)
                         ? parse_decimal(line->substr(kIndexPrefix.size()))
                         : std::nullopt;
  if (!index) return malformed("its third line does not hold a number (index …)");
  proof.index = *index;
  for (line = take_line(text); line && !line->empty(); line = take_line(text)) {
    const auto hash = from_base64(*line);
    if (!hash || hash->size() != sizeof(Hash) || proof.path.size() == kMaxPath)
      return malformed("its path is not made of up to 64 hashes in base64");
    std::ranges::copy(*hash, proof.path.emplace_back().begin());
  }
  if (!line) return malformed("no empty line before the checkpoint");
  proof.note = std::string(text);
  return proof;
}

Result<Checkpoint> check_inclusion_proof(const InclusionProof& proof) {
  BH_TRY(Checkpoint checkpoint, parse_checkpoint(proof.note));
  if (!verify_inclusion(proof.index, leaf_hash(proof.entry), checkpoint.head, proof.path)) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("the proof does not lead from entry {} to the root of its checkpoint",
                            proof.index));
  }
  return checkpoint;
}

std::string add_checkpoint_request(std::uint64_t old_size, std::span<const Hash> consistency,
                                   std::string_view note) {
  return fmt::format("old {}\n{}\n{}", old_size, hash_lines(consistency), note);
}

}  // namespace bulkhead::journal
