// journal cosign: what witnesses said about checkpoints.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/administration_client.h"
#include "cli/journal_commands.h"
#include "cli/journal_files.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"
#include "journal/checkpoint_copies.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct CosignOptions {
  JournalPlace place;
  std::string file;
  std::string checkpoint;
};

constexpr std::string_view kSignatureStart = "\u2014 ";  // of a line: em dash, space

// A witness answers with lines only (C2SP tlog-witness): they belong to the checkpoint that it was
// sent.
Result<std::string> whole_note(const CosignOptions& options, const JournalKeys& keys) {
  BH_TRY(std::string text, read_note(options.file));
  if (!text.starts_with(kSignatureStart)) return text;
  if (!options.checkpoint.empty()) {
    BH_TRY(const std::string note, read_note(options.checkpoint));
    return note + text;
  }
  const auto sent =
      journal::newest_handed_out(real_disk(), journal_folder(options.place.data), keys.own);
  if (!sent) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} holds signatures without their checkpoint: name its file with "
                            "--checkpoint",
                            options.file));
  }
  return journal::encode(sent->checkpoint) + text;
}

Status tell_vault(const std::string& data, const std::string& note) {
  BH_TRY(auto client, AdministrationClient::connect(data));
  admin::Request request;
  request.mutable_add_cosignatures()->set_note(note);
  return client.ask(request);
}

Outcome add(const CosignOptions& options) {
  BH_TRY(const JournalKeys keys, journal_keys(options.place));
  BH_TRY(const std::string note, whole_note(options, keys));
  const auto parsed = journal::parse_checkpoint(note);
  if (!parsed) return fail(parsed.error().within(options.file));
  if (!journal::verify_checkpoint(*parsed, keys.own)) {
    return fail(ErrorCode::kCorrupt, fmt::format("{} is not a checkpoint of this journal ({})",
                                                 options.file, keys.own.origin));
  }
  const journal::Checkpoint known =
      journal::only_known_signatures(*parsed, keys.own, keys.witnesses);
  if (known.signatures.size() < 2) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("none of the signatures in {} is a cosignature of this checkpoint by a "
                    "configured witness: add its key to journal.witnesses in bulkhead.toml, "
                    "or name the checkpoint that it was sent with --checkpoint",
                    options.file));
  }
  const auto verified =
      journal::verify(real_disk(), journal_folder(options.place.data), keys.own,
                      {{known.head, fmt::format("the cosigned checkpoint in {}", options.file)}});
  if (!verified) return fail(verified.error().within("the journal does not verify"));
  BH_CHECK(tell_vault(options.place.data, journal::encode(known)));
  fmt::print("{} cosigned the first {}\n",
             counted(known.signatures.size() - 1, "witness", "witnesses"),
             counted(known.head.size, "entry", "entries"));
  return ExitCode::kDone;
}

}  // namespace

void add_journal_cosign(CLI::App& journal, Choice& choice) {
  auto options = std::make_shared<CosignOptions>();
  CLI::App* command = journal.add_subcommand("cosign", "Cosignatures of witnesses");
  command->require_subcommand(1);
  CLI::App* adding = command->add_subcommand(
      "add", "Keep what a witness answered (C2SP tlog-cosignature), after checking it");
  adding
      ->add_option("FILE", options->file,
                   "A checkpoint with cosignatures, or the witness's answer alone")
      ->required()
      ->type_name("");
  adding
      ->add_option(
          "--checkpoint", options->checkpoint,
          "The checkpoint that the witness was sent; if not given, the one that was handed "
          "out last")
      ->type_name("FILE");
  add_data_option(*adding, options->place.data);
  on_chosen(*adding, options, choice, add);
}

}  // namespace bulkhead::cli
