// restore SRC: makes a deployment of a backup. Its first start contains it: rights that were taken
// away and budgets that were spent after the backup are not in it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/configuration.h"
#include "base/fd.h"
#include "cli/backup_note.h"
#include "cli/command.h"
#include "cli/deployment_copy.h"
#include "cli/journal_files.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"

namespace bulkhead::cli {
namespace {

struct RestoreOptions {
  std::string data;
  std::string source;
  std::string verifier_key;
  std::vector<std::string> checkpoints;
};

Result<BackupNote> read_note_of(const std::string& source) {
  const auto contents = read_file(source + "/format", kMostBackupNoteBytes);
  const auto no_backup = [&] {
    return fail(ErrorCode::kNotFound,
                fmt::format("{} is no backup: bulkhead backup makes one, and writes its file "
                            "\"format\" last",
                            source));
  };
  if (!contents && contents.error().code == ErrorCode::kNotFound) return no_backup();
  if (!contents) return fail(contents.error());
  auto note = parse_backup_note(as_text(*contents));
  if (!note && note.error().code == ErrorCode::kNotFound) return no_backup();
  if (!note) return fail(note.error().within(source));
  return note;
}

// The backup's own checkpoint, and those that were kept elsewhere.
Result<std::uint64_t> check_journal(const RestoreOptions& options, const BackupNote& note) {
  if (!options.verifier_key.empty() && options.verifier_key != note.verifier_key) {
    return fail(ErrorCode::kCorrupt,
                "the backup's journal is signed with another key than --vkey: it is of another "
                "deployment");
  }
  BH_TRY(const journal::CheckpointKey key, journal::parse_verifier_key(note.verifier_key));
  BH_TRY(const journal::Checkpoint own, journal::parse_checkpoint(note.checkpoint));
  if (!journal::verify_checkpoint(own, key))
    return fail(ErrorCode::kCorrupt, "the backup's checkpoint is not signed by its key");
  std::vector<journal::KnownHead> known = {{own.head, "the checkpoint of this backup"}};
  for (const std::string& path : options.checkpoints) {
    BH_TRY(KeptCheckpoint kept, read_checkpoint_file(path, key));
    known.push_back(std::move(kept.known));
  }
  const auto verified = journal::verify(real_disk(), options.source + "/journal", key, known);
  if (!verified) return fail(verified.error().within("the journal in the backup does not verify"));
  return own.head.size;
}

Status check_contents(const std::string& source, const BackupNote& note) {
  BH_TRY(const CopyFigures found, measure_folder(source + "/blobs"));
  if (found.files == note.blobs && found.bytes == note.blob_bytes) return {};
  return fail(ErrorCode::kCorrupt,
              fmt::format("the backup is not whole: it was made of {} with {} bytes of contents, "
                          "and has {} with {}: use another one",
                          counted(note.blobs, "file", "files"), note.blob_bytes,
                          counted(found.files, "file", "files"), found.bytes));
}

Outcome restore(const RestoreOptions& options) {
  const std::string& from = options.source;
  const std::string& to = options.data;
  BH_TRY(const BackupNote note, read_note_of(from));
  BH_CHECK(check_contents(from, note));
  BH_TRY(const std::uint64_t entries, check_journal(options, note));
  BH_CHECK(make_empty_folder(to, "a backup is restored"));
  const auto all = [](const std::string&) { return true; };
  const auto between = [](const CopyFigures&) { return Status(); };
  BH_CHECK(copy_folder(from + "/journal", to + "/journal", all, between));
  BH_CHECK(copy_folder(from + "/blobs", to + "/blobs", all, between));
  BH_CHECK(copy_file(from + "/bulkhead.toml", to + "/bulkhead.toml"));
  BH_CHECK(replace_file(to + "/restored", as_bytes(fmt::format("{} entries\n", entries))));
  BH_CHECK(sync_copies(to));
  // Last: a folder with this file is a deployment.
  BH_CHECK(replace_file(to + "/format", as_bytes("bulkhead deployment 1\n")));
  BH_TRY(const Configuration configuration, read_configuration(to + "/bulkhead.toml"));
  fmt::print(
      "restored to {}: the backup of {}, {} of the journal, {} with contents\n"
      "The root key is not in it: it has to be at {}.\n"
      "It starts contained: nothing is released and nobody logs in. What was changed after the "
      "backup is "
      "not in it: users who were removed, rights that were taken away, what was released. Look, "
      "then "
      "bulkhead incident lift.\n",
      printable(to), printable(note.made), counted(entries, "entry", "entries"),
      counted(note.blobs, "file", "files"), printable(configuration.keys.root_key_file));
  return ExitCode::kDone;
}

}  // namespace

void add_restore(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<RestoreOptions>();
  CLI::App* command =
      root.add_subcommand("restore", "Make a deployment of a backup; it starts contained");
  command->add_option("SRC", options->source, "A folder that bulkhead backup made")
      ->required()
      ->type_name("");
  command
      ->add_option("--checkpoint", options->checkpoints,
                   "A checkpoint that was kept elsewhere, older than the backup: an older or "
                   "forked journal does not contain it")
      ->type_name("FILE");
  command
      ->add_option("--vkey", options->verifier_key,
                   "The key that checkpoints are signed with (journal key), as you kept it")
      ->type_name("KEY");
  add_data_option(*command, options->data);
  on_chosen(*command, options, choice, restore);
}

}  // namespace bulkhead::cli
