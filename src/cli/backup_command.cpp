// backup DEST: journal and ciphertext of a deployment, copied while it runs. Neither the root key
// nor the catalogue (the journal makes it anew) is in it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "base/fd.h"
#include "cli/administration_client.h"
#include "cli/backup_note.h"
#include "cli/command.h"
#include "cli/deployment_copy.h"
#include "cli/journal_files.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

constexpr std::int64_t kAskAgainMs = 30'000;

struct BackupOptions {
  std::string data;
  std::string destination;
};

// The vault removes no contents while this lives and is asked now and then.
class ContentsHeld {
 public:
  static Result<ContentsHeld> begin(AdministrationClient& client, admin::SignedCheckpoint& made) {
    admin::Request request;
    request.mutable_hold_contents();
    BH_TRY(const admin::Reply reply, client.ask_for_one(request));
    made = reply.signed_checkpoint();
    return ContentsHeld(client);
  }

  Status go_on() {
    const std::int64_t now_ms = system_clock().monotonic_ms();
    if (now_ms - asked_ms_ < kAskAgainMs) return {};
    asked_ms_ = now_ms;
    admin::Request request;
    request.mutable_hold_contents()->set_again(true);
    return client_->ask(request);
  }

 private:
  explicit ContentsHeld(AdministrationClient& client)
      : client_(&client), asked_ms_(system_clock().monotonic_ms()) {}
  AdministrationClient* client_;
  std::int64_t asked_ms_;
};

// A checkpoint never covers more than the entries that are copied behind it: names sort that way.
bool belongs_to_journal(const std::string& name) {
  return name == "checkpoints" || name.starts_with("cosigned-") || name.starts_with("entries-");
}

Status write_note(const std::string& destination, const BackupNote& note) {
  const std::string text = encode(note);
  return replace_file(destination + "/format", as_bytes(text), 0400);
}

Outcome back_up(const BackupOptions& options) {
  const std::string& to = options.destination;
  BH_CHECK(make_empty_folder(to, "a backup is made"));
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::SignedCheckpoint checkpoint;
  BH_TRY(ContentsHeld held, ContentsHeld::begin(client, checkpoint));
  const auto between = [&](const CopyFigures&) { return held.go_on(); };
  // The journal first: what it names is then still there, and what comes later does no harm.
  BH_TRY(const CopyFigures journal,
         copy_folder(options.data + "/journal", to + "/journal", belongs_to_journal, between));
  BH_TRY(const CopyFigures blobs, copy_folder(
                                      options.data + "/blobs", to + "/blobs",
                                      [](const std::string&) { return true; }, between));
  BH_TRY(const std::uint64_t configuration,
         copy_file(options.data + "/bulkhead.toml", to + "/bulkhead.toml"));
  BH_CHECK(sync_copies(to));
  BH_TRY(const journal::CheckpointKey key, journal::parse_verifier_key(checkpoint.verifier_key()));
  BH_TRY(const journal::Checkpoint parsed, journal::parse_checkpoint(checkpoint.note()));
  const auto verified = journal::verify(real_disk(), to + "/journal", key,
                                        {{parsed.head, "the checkpoint of this backup"}});
  if (!verified) return fail(verified.error().within("the copy of the journal does not verify"));
  BH_CHECK(write_note(
      to, {.made = to_rfc3339(system_clock().now() / kMicrosPerSecond * kMicrosPerSecond),
           .blobs = blobs.files,
           .blob_bytes = blobs.bytes,
           .verifier_key = checkpoint.verifier_key(),
           .checkpoint = checkpoint.note()}));
  BH_CHECK(sync_copies(to));
  admin::Request finished;
  finished.mutable_finish_backup()->set_entries(checkpoint.entries());
  finished.mutable_finish_backup()->set_blobs(blobs.files);
  finished.mutable_finish_backup()->set_bytes(journal.bytes + blobs.bytes + configuration);
  BH_CHECK(client.ask(finished));
  fmt::print(
      "backed up to {}: {} of the journal, {} with contents, {}\n"
      "Its checkpoint covers {}, root {}.\n"
      "It is ciphertext, and the root key is not in it: keep that elsewhere.\n",
      printable(to), counted(verified->head.size, "entry", "entries"),
      counted(blobs.files, "file", "files"), shown_size(journal.bytes + blobs.bytes),
      counted(checkpoint.entries(), "entry", "entries"), to_hex(as_bytes(checkpoint.root())));
  return ExitCode::kDone;
}

}  // namespace

void add_backup(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<BackupOptions>();
  CLI::App* command =
      root.add_subcommand("backup", "Copy the deployment while it runs, without the root key");
  command->add_option("DEST", options->destination, "A new folder, best on another disk")
      ->required()
      ->type_name("");
  add_data_option(*command, options->data);
  on_chosen(*command, options, choice, back_up);
}

}  // namespace bulkhead::cli
