// Notes from elsewhere: checkpoints, cosignatures, keys, proofs, and the files that hold them.
#include "journal/checkpoint_copies.h"
#include "journal/checkpoint_file.h"
#include "journal/proof.h"
#include "memory_disk.h"

namespace bulkhead::journal {
namespace {

using fuzz::check;

void checkpoints(std::string_view text) {
  const auto checkpoint = parse_checkpoint(text);
  if (!checkpoint) return;
  const std::string again = encode(*checkpoint);
  const auto second = parse_checkpoint(again);
  // Base64 can be written in more than one way, so a note may come out longer than it may be.
  check(again.size() > text.size() || second.has_value());
  if (second) check(encode(*second) == again && second->head == checkpoint->head);
  for (const SignatureLine& line : checkpoint->signatures) {
    const WitnessKey witness{line.name, {}};
    check(!cosigned_at(*checkpoint, witness));  // nobody has the key that is all zeros
    check(
        only_known_signatures(*checkpoint, {checkpoint->origin, {}}, {witness}).signatures.empty());
  }
}

void keys(std::string_view text) {
  if (const auto key = parse_verifier_key(text))
    check(parse_verifier_key(verifier_key(*key)).has_value());
  if (const auto key = parse_witness_key(text))
    check(parse_witness_key(verifier_key(*key)).has_value());
}

void proofs(std::string_view text) {
  const auto proof = parse_inclusion_proof(text);
  if (!proof) return;
  const auto again = parse_inclusion_proof(encode(*proof));
  check(!again || (again->path == proof->path && again->entry == proof->entry));
  (void)check_inclusion_proof(*proof);
}

void files(std::string_view text) {
  fuzz::MemoryDisk disk;
  disk.put("j/checkpoints", to_bytes(as_bytes(text)));
  disk.put("j/handed-out", to_bytes(as_bytes(text)));
  disk.put("j/cosigned-0000000000000005", to_bytes(as_bytes(text)));
  const auto end = read_checkpoint_file_end(disk, "j/checkpoints");
  if (end) check(end->end + end->torn == text.size());
  std::uint64_t seen = 0;
  (void)for_each_checkpoint(disk, "j/checkpoints",
                            [&](std::uint64_t number, const Checkpoint&) -> Status {
                              check(number == ++seen);
                              return {};
                            });
  (void)read_cosigned(disk, "j");
  (void)newest_handed_out(disk, "j", {"fuzz", {}});
}

}  // namespace
}  // namespace bulkhead::journal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const std::string_view text = as_text({data, size});
  journal::checkpoints(text);
  journal::keys(text);
  journal::proofs(text);
  journal::files(text);
  return 0;
}
