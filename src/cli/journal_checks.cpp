// journal verify|checkpoint|proof|key: what shows that the journal was not rewritten.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/journal_commands.h"
#include "cli/journal_files.h"
#include "cli/json_lines.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"

namespace bulkhead::cli {
namespace {

struct CheckOptions {
  JournalPlace place;
  std::vector<std::string> checkpoints;
  std::vector<std::string> proofs;
  std::string out;
  std::uint64_t entry = 0;
  std::uint64_t old_size = 0;
  bool for_witness = false;
  bool json = false;
};

void write_verdict(const Result<journal::Verification>& verified, std::size_t kept_elsewhere) {
  print_json([&](JsonWriter& json) {
    json.begin_object();
    json.member("good", verified.has_value());
    if (verified) {
      json.member("entries", verified->head.size);
      json.member("root", to_hex(verified->head.root));
      json.member("checkpoints", verified->checkpoints);
      json.member("cosigned_entries", verified->cosigned);
      json.member("kept_elsewhere", static_cast<std::uint64_t>(kept_elsewhere));
    } else {
      json.member("first_misfit", verified.error().message);
    }
    json.end_object();
  });
}

Outcome verify(const CheckOptions& options) {
  BH_TRY(const JournalKeys keys, journal_keys(options.place));
  std::vector<journal::KnownHead> known;
  for (const std::string& path : options.checkpoints) {
    BH_TRY(KeptCheckpoint kept, read_checkpoint_file(path, keys.own));
    known.push_back(std::move(kept.known));
  }
  for (const std::string& path : options.proofs) {
    BH_TRY(KeptCheckpoint kept, read_proof_file(path, keys.own));
    known.push_back(std::move(kept.known));
  }
  const auto verified = journal::verify(real_disk(), journal_folder(options.place.data), keys.own,
                                        known, {}, keys.witnesses);
  if (options.json) write_verdict(verified, known.size());
  if (!verified) {
    return fail(verified.error().code,
                fmt::format("the journal does not verify: {}: keep a copy of the folder as "
                            "evidence, and stop the server",
                            verified.error().message));
  }
  if (options.json) return ExitCode::kDone;
  fmt::print("the journal verifies: {}, {}{}\nroot {}\n",
             counted(verified->head.size, "entry", "entries"),
             counted(verified->checkpoints, "checkpoint", "checkpoints"),
             known.empty() ? std::string()
                           : fmt::format(", and it contains what {} kept elsewhere {} of",
                                         counted(known.size(), "checkpoint", "checkpoints"),
                                         known.size() == 1 ? "is" : "are"),
             to_hex(verified->head.root));
  if (!keys.witnesses.empty())
    fmt::print("witnesses cosigned the first {}\n",
               counted(verified->cosigned, "entry", "entries"));
  return ExitCode::kDone;
}

// Reads the journal up to `size` entries and hands its leaves to the collector. What is on the disk
// is verified on the way: a proof of something else would be worth nothing.
Status collect(const std::string& data, const FreshCheckpoint& checkpoint,
               journal::ProofCollector& collector,
               const std::function<void(std::uint64_t, ByteView)>& seen = {}) {
  const auto each = [&](std::uint64_t index, ByteView entry, const journal::Hash& leaf) -> Status {
    if (index >= checkpoint.head.size) return {};
    collector.append(leaf);
    if (seen) seen(index, entry);
    return {};
  };
  const auto verified = journal::verify(real_disk(), journal_folder(data), checkpoint.key,
                                        {{checkpoint.head, "the checkpoint made now"}}, each);
  if (!verified) return fail(verified.error().within("the journal does not verify"));
  return {};
}

Outcome checkpoint(const CheckOptions& options) {
  BH_TRY(const FreshCheckpoint made, make_checkpoint(options.place.data, true));
  std::string text = made.note;
  if (options.for_witness) {
    if (options.old_size > made.head.size) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("--old {}: the journal has {} entries, so no checkpoint of it covers "
                              "more",
                              options.old_size, made.head.size));
    }
    journal::ProofCollector collector;
    std::vector<journal::Hash> proof;
    if (options.old_size != 0) {
      collector.want_consistency(options.old_size, made.head.size);
      BH_CHECK(collect(options.place.data, made, collector));
      proof = collector.consistency(options.old_size, made.head.size);
    }
    text = journal::add_checkpoint_request(options.old_size, proof, made.note);
  }
  BH_CHECK(write_note(options.out, text));
  if (!options.out.empty()) {
    fmt::print("made a checkpoint of {} in {}: take it off this machine\nroot {}\n",
               counted(made.head.size, "entry", "entries"), options.out, to_hex(made.head.root));
  }
  return ExitCode::kDone;
}

Outcome prove(const CheckOptions& options) {
  BH_TRY(const FreshCheckpoint made, make_checkpoint(options.place.data));
  if (options.entry >= made.head.size) {
    return fail(ErrorCode::kNotFound, fmt::format("there is no entry {}: the journal has {}",
                                                  options.entry, made.head.size));
  }
  journal::InclusionProof proof{options.entry, {}, {}, made.note};
  journal::ProofCollector collector;
  collector.want_inclusion(options.entry, made.head.size);
  BH_CHECK(collect(options.place.data, made, collector, [&](std::uint64_t index, ByteView entry) {
    if (index == options.entry) proof.entry = to_bytes(entry);
  }));
  proof.path = collector.inclusion(options.entry, made.head.size);
  BH_CHECK(write_note(options.out, journal::encode(proof)));
  return ExitCode::kDone;
}

Outcome key(const CheckOptions& options) {
  BH_TRY(const JournalKeys keys, journal_keys(options.place));
  BH_CHECK(write_note(options.out, journal::verifier_key(keys.own) + "\n"));
  return ExitCode::kDone;
}

void add_out(CLI::App& command, CheckOptions& options) {
  command.add_option("--out", options.out, "Write it there; to stdout if not given")
      ->type_name("FILE");
}

void add_verify(CLI::App& journal, Choice& choice) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command =
      journal.add_subcommand("verify", "Check every entry; names the first one that does not fit");
  command
      ->add_option("--checkpoint", options->checkpoints,
                   "A checkpoint that was kept elsewhere: a journal that was rolled back or forked "
                   "since does not contain it")
      ->type_name("FILE");
  command
      ->add_option("--proof", options->proofs,
                   "A proof of an entry that was kept elsewhere (journal proof)")
      ->type_name("FILE");
  command
      ->add_option("--vkey", options->place.verifier_key,
                   "The key that checkpoints are signed with (journal key), as you kept it; the "
                   "vault is then not asked, so that a copy of the folder can be checked anywhere")
      ->type_name("KEY");
  command
      ->add_option("--witness", options->place.witnesses,
                   "The key of a witness, besides those in bulkhead.toml: how far it cosigned is "
                   "said")
      ->type_name("KEY");
  add_data_option(*command, options->place.data);
  add_json_flag(*command, options->json);
  on_chosen(*command, options, choice, verify);
}

void add_checkpoint(CLI::App& journal, Choice& choice) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command =
      journal.add_subcommand("checkpoint", "Sign the journal as it is now, and print the note");
  CLI::Option* old =
      command
          ->add_option("--old", options->old_size,
                       "Print what a witness is sent (C2SP tlog-witness, add-checkpoint): the "
                       "checkpoint, behind the proof that it goes on from the one of so many "
                       "entries, the last one which that witness cosigned; 0 for the first time")
          ->type_name("ENTRIES");
  add_out(*command, *options);
  add_data_option(*command, options->place.data);
  command->callback([options, old, &choice] {
    options->for_witness = old->count() != 0;
    choice.action = [options] { return checkpoint(*options); };
  });
}

void add_proof(CLI::App& journal, Choice& choice) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = journal.add_subcommand(
      "proof", "Prove to others that an entry is in the journal (C2SP tlog-proof)");
  command->add_option("ENTRY", options->entry, "The entry's number")->required()->type_name("");
  add_out(*command, *options);
  add_data_option(*command, options->place.data);
  on_chosen(*command, options, choice, prove);
}

void add_key(CLI::App& journal, Choice& choice) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = journal.add_subcommand(
      "key", "Print the public key of checkpoints (C2SP signed-note), for witnesses and auditors");
  add_out(*command, *options);
  add_data_option(*command, options->place.data);
  on_chosen(*command, options, choice, key);
}

}  // namespace

void add_journal_checks(CLI::App& journal, Choice& choice) {
  add_verify(journal, choice);
  add_checkpoint(journal, choice);
  add_proof(journal, choice);
  add_key(journal, choice);
}

}  // namespace bulkhead::cli
