// journal export: the journal for others to keep and read.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/journal_commands.h"
#include "cli/journal_files.h"
#include "cli/terminal.h"
#include "cli/tile_folder.h"
#include "journal/tiles.h"

namespace bulkhead::cli {
namespace {

struct ExportOptions {
  std::string data;
  std::string tiles;
};

// docs/decisions/0020: made on demand from the segments, verified on the way.
Outcome export_tiles(const ExportOptions& options) {
  BH_TRY(TileFolder folder, TileFolder::open(options.tiles));
  BH_TRY(const FreshCheckpoint made, make_checkpoint(options.data));
  std::vector<journal::KnownHead> known = {{made.head, "the checkpoint made now"}};
  if (folder.has_checkpoint()) {
    BH_TRY(KeptCheckpoint kept, read_checkpoint_file(folder.checkpoint_path(), made.key));
    known.push_back(std::move(kept.known));
  }
  journal::TileWriter writer(
      [&](const std::string& path, ByteView contents) { return folder.put(path, contents); });
  const auto each = [&](std::uint64_t index, ByteView entry, const journal::Hash& leaf) -> Status {
    return index < made.head.size ? writer.append(entry, leaf) : Status();
  };
  const auto verified =
      journal::verify(real_disk(), journal_folder(options.data), made.key, known, each);
  if (!verified) return fail(verified.error().within("the journal does not verify"));
  BH_CHECK(writer.finish());
  BH_CHECK(folder.finish(made.note));
  fmt::print("{} in {}: {} written, the checkpoint last\n",
             counted(made.head.size, "entry", "entries"), options.tiles,
             counted(folder.written(), "file", "files"));
  return ExitCode::kDone;
}

}  // namespace

void add_journal_export(CLI::App& journal, Choice& choice) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = journal.add_subcommand("export", "Hand the journal to others");
  command
      ->add_option("--tiles", options->tiles,
                   "Write the entries as they are (names stay encrypted) with their tree as static "
                   "files (C2SP tlog-tiles); what is there already is checked and left")
      ->required()
      ->type_name("DIR");
  add_data_option(*command, options->data);
  command->callback(
      [options, &choice] { choice.action = [options] { return export_tiles(*options); }; });
}

}  // namespace bulkhead::cli
