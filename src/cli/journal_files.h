// What the journal commands read besides the vault's answers: the journal's own files, which need
// no secret to be checked, and notes that were kept elsewhere, which are hostile input.
#pragma once

#include <string>
#include <vector>

#include "cli/administration_client.h"
#include "journal/proof.h"
#include "journal/verify.h"

namespace bulkhead::cli {

struct JournalPlace {
  std::string data;
  std::string verifier_key;            // as kept by whoever checks; empty: the vault is asked
  std::vector<std::string> witnesses;  // besides those that the vault knows of
};

std::string journal_folder(const std::string& data);
// Whose signatures count. Asks the vault only where no key was given, and lets go of it.
struct JournalKeys {
  journal::CheckpointKey own;
  std::vector<journal::WitnessKey> witnesses;
};
Result<JournalKeys> journal_keys(const JournalPlace& place);
Result<JournalKeys> journal_keys(AdministrationClient& client);  // those that the vault knows of

// A file with one signed note that this key signed: its text, and its head under the file's name.
struct KeptCheckpoint {
  std::string note;
  journal::KnownHead known;
};
Result<KeptCheckpoint> read_checkpoint_file(const std::string& path,
                                            const journal::CheckpointKey& key);
// The checkpoint of a proof (tlog-proof) after the proof itself was checked.
Result<KeptCheckpoint> read_proof_file(const std::string& path, const journal::CheckpointKey& key);

struct FreshCheckpoint {
  journal::CheckpointKey key;
  std::string note;
  journal::TreeHead head;
};
// Has the vault sign the journal as it is now; durable when this returns.
Result<FreshCheckpoint> make_checkpoint(const std::string& data, bool handed_out = false);

// Whole, and no longer than a note can be.
Result<std::string> read_note(const std::string& path);

Result<FreshCheckpoint> make_checkpoint(AdministrationClient& client, bool handed_out);

// Writes `text` to a file (mode 0644: nothing in it is secret), or to stdout for an empty path.
Status write_note(const std::string& path, const std::string& text);

}  // namespace bulkhead::cli
