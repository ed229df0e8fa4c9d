#include "cli/journal_files.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/fd.h"
#include "cli/administration_client.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kMostNoteBytes = 256 * 1024;

Status check_signature(const journal::Checkpoint& checkpoint, const journal::CheckpointKey& key,
                       const std::string& path) {
  if (journal::verify_checkpoint(checkpoint, key)) return {};
  return fail(ErrorCode::kCorrupt,
              fmt::format("the checkpoint in {} is not signed by the key of this journal ({}): is "
                          "it of another deployment, or was the deployment's key replaced?",
                          path, key.origin));
}

template <typename Texts>
Status add_witnesses(const Texts& texts, JournalKeys& keys) {
  for (const std::string& text : texts) {
    BH_TRY(journal::WitnessKey key, journal::parse_witness_key(text));
    keys.witnesses.push_back(std::move(key));
  }
  return {};
}

KeptCheckpoint kept(const journal::Checkpoint& checkpoint, std::string note,
                    const std::string& path) {
  return {std::move(note), {checkpoint.head, fmt::format("the checkpoint in {}", path)}};
}

}  // namespace

Result<std::string> read_note(const std::string& path) {
  BH_TRY(const Bytes bytes, read_file(path, kMostNoteBytes));
  return std::string(as_text(bytes));
}

std::string journal_folder(const std::string& data) {
  return data + "/journal";
}

Result<JournalKeys> journal_keys(const JournalPlace& place) {
  JournalKeys keys;
  if (place.verifier_key.empty()) {
    BH_TRY(auto client, AdministrationClient::connect(place.data));
    BH_TRY(keys, journal_keys(client));
  } else {
    BH_TRY(keys.own, journal::parse_verifier_key(place.verifier_key));
  }
  BH_CHECK(add_witnesses(place.witnesses, keys));
  return keys;
}

Result<JournalKeys> journal_keys(AdministrationClient& client) {
  admin::Request request;
  request.mutable_show_journal_key();
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  JournalKeys keys;
  BH_TRY(keys.own, journal::parse_verifier_key(reply.signed_checkpoint().verifier_key()));
  BH_CHECK(add_witnesses(reply.signed_checkpoint().witness(), keys));
  return keys;
}

Result<KeptCheckpoint> read_checkpoint_file(const std::string& path,
                                            const journal::CheckpointKey& key) {
  BH_TRY(std::string note, read_note(path));
  const auto checkpoint = journal::parse_checkpoint(note);
  if (!checkpoint) return fail(checkpoint.error().within(path));
  BH_CHECK(check_signature(*checkpoint, key, path));
  return kept(*checkpoint, std::move(note), path);
}

Result<KeptCheckpoint> read_proof_file(const std::string& path, const journal::CheckpointKey& key) {
  BH_TRY(const std::string text, read_note(path));
  const auto proof = journal::parse_inclusion_proof(text);
  if (!proof) return fail(proof.error().within(path));
  const auto checkpoint = journal::check_inclusion_proof(*proof);
  if (!checkpoint) return fail(checkpoint.error().within(path));
  BH_CHECK(check_signature(*checkpoint, key, path));
  return kept(*checkpoint, proof->note, path);
}

Result<FreshCheckpoint> make_checkpoint(const std::string& data, bool handed_out) {
  BH_TRY(auto client, AdministrationClient::connect(data));
  return make_checkpoint(client, handed_out);
}

Result<FreshCheckpoint> make_checkpoint(AdministrationClient& client, bool handed_out) {
  admin::Request request;
  request.mutable_make_checkpoint()->set_handed_out(handed_out);
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  FreshCheckpoint made;
  BH_TRY(made.key, journal::parse_verifier_key(reply.signed_checkpoint().verifier_key()));
  made.note = reply.signed_checkpoint().note();
  BH_TRY(const journal::Checkpoint checkpoint, journal::parse_checkpoint(made.note));
  made.head = checkpoint.head;
  return made;
}

Status write_note(const std::string& path, const std::string& text) {
  if (!path.empty()) return replace_file(path, as_bytes(text), 0644);
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
  return fail_errno("writing to stdout");
}

}  // namespace bulkhead::cli
