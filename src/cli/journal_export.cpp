// journal export: the journal for others to keep and read.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/journal_commands.h"
#include "cli/journal_files.h"
#include "cli/journal_pages.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"
#include "cli/tile_folder.h"
#include "cli/times.h"
#include "journal/tiles.h"
#include "siem/entry_text.h"

namespace bulkhead::cli {
namespace {

struct ExportOptions {
  std::string data;
  std::string tiles;
  std::string format;
  std::uint64_t from = 0;
  std::string since;
  std::string until;
  std::string zone = "UTC";
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

Outcome export_text(const ExportOptions& options) {
  BH_CHECK(use_zone(options.zone));
  JournalRange range{.from = options.from, .most = 0, .since_us = {}, .until_us = {}};
  if (!options.since.empty()) {
    BH_TRY(range.since_us, read_time_option("--since", options.since, DayEdge::kFirst));
  }
  if (!options.until.empty()) {
    BH_TRY(range.until_us, read_time_option("--until", options.until, DayEdge::kLast));
  }
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  const bool cef = options.format == "cef";
  BH_CHECK(read_journal(client, range, [&](const admin::JournalEntry& entry) -> Status {
    const std::string line = (cef ? siem::to_cef(shown_entry(entry), BULKHEAD_RELEASE)
                                  : siem::to_ndjson(shown_entry(entry))) +
                             "\n";
    if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size())
      return fail_errno("writing to stdout");
    return {};
  }));
  if (std::fflush(stdout) != 0) return fail_errno("writing to stdout");
  return ExitCode::kDone;
}

Outcome export_journal(const ExportOptions& options) {
  if (options.tiles.empty() == options.format.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "say what to export: --format ndjson, --format cef, or --tiles DIR");
  }
  return options.tiles.empty() ? export_text(options) : export_tiles(options);
}

}  // namespace

void add_journal_export(CLI::App& journal, Choice& choice) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = journal.add_subcommand("export", "Hand the journal to others");
  command
      ->add_option("--format", options->format,
                   "Print the entries with names opened, one a line: ndjson, or cef for a SIEM")
      ->check(CLI::IsMember({"ndjson", "cef"}))
      ->type_name("ndjson|cef");
  command->add_option("--from", options->from, "The first entry to print")
      ->type_name("NUMBER")
      ->capture_default_str();
  command->add_option("--since", options->since, "Entries of that time and later")
      ->type_name("TIME");
  command->add_option("--until", options->until, "Entries of that time and earlier")
      ->type_name("TIME");
  add_zone_option(*command, options->zone);
  CLI::Option* tiles =
      command
          ->add_option("--tiles", options->tiles,
                       "Write the entries as they are (names stay encrypted) with their tree as "
                       "static files "
                       "(C2SP tlog-tiles); what is there already is checked and left")
          ->type_name("DIR");
  for (const char* other : {"--from", "--since", "--until"})
    tiles->excludes(other);
  add_data_option(*command, options->data);
  on_chosen(*command, options, choice, export_journal);
}

}  // namespace bulkhead::cli
