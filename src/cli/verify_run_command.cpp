// `bulkhead verify-run`: the same run again, and whether the same comes out.
#include <fcntl.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <thread>

#include "base/fd.h"
#include "base/short_lived_folder.h"
#include "cli/command.h"
#include "cli/confined_reading.h"
#include "cli/corrections_option.h"
#include "cli/person_differences.h"
#include "cli/release.h"
#include "cli/run_again.h"
#include "cli/run_manifest.h"
#include "cli/terminal.h"
#include "crypto/digest.h"
#include "exposure/exposure.h"

namespace bulkhead::cli {
namespace {

Result<std::string> hash_of(const std::string& path) {
  BH_TRY(const UniqueFd fd, open_file(path, O_RDONLY));
  crypto::Hasher hasher;
  Bytes block(1024 * 1024);
  for (std::uint64_t offset = 0;;) {
    BH_TRY(const std::size_t count, read_at(fd.get(), block, offset, path));
    if (count == 0) return to_hex(hasher.finish());
    hasher.update(ByteView(block).first(count));
    offset += count;
  }
}

Result<exposure::ScanOptions> again(const RunManifest& manifest, const std::string& folder) {
  exposure::ScanOptions scan;
  scan.paths = manifest.paths;
  if (manifest.chosen) {
    scan.only.emplace();
    for (const ManifestFile& input : manifest.inputs)
      scan.only->insert(input.name);
    for (const ManifestFile& file : manifest.missing)
      scan.missing.push_back({.file = file.name, .reason = file.kind});
  }
  if (manifest.configuration) scan.config = manifest.configuration->path;
  if (manifest.roster) scan.roster = manifest.roster->path;
  for (const ManifestFile& layout : manifest.layouts)
    scan.layouts.push_back(layout.path);
  if (!manifest.corrections.empty()) {
    BH_TRY(scan.corrections, load_given_corrections(manifest.corrections.front().path));
  }
  if (manifest.output("persons") != nullptr) scan.outputs.persons = folder + "/persons";
  if (manifest.output("summary") != nullptr) scan.outputs.summary = folder + "/summary";
  if (manifest.output("csv") != nullptr) scan.outputs.csv = folder + "/csv";
  if (const ManifestFile* page = manifest.output("html"); page != nullptr) {
    scan.outputs.html = folder + "/html";
    scan.outputs.html_values = page->values;
  }
  scan.manifest = folder + "/manifest.json";
  scan.as_of = manifest.as_of;
  scan.jobs = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  scan.progress = stderr_is_terminal();
  scan.program_version = kRelease;
  scan.confine = confine_reading;
  return scan;
}

// Whether the output comes out again, and whether the file is still what was written then.
struct Compared {
  bool same = true, intact = true;
};

Compared compare_output(const ManifestFile& then, const RunManifest& now) {
  Compared compared;
  const ManifestFile* made = now.output(then.kind);
  compared.same = made != nullptr && made->sha256 == then.sha256;
  const auto lies_there = hash_of(then.path);
  compared.intact = lies_there && *lies_there == then.sha256;
  const std::string kept = !lies_there       ? "; the file is not there any more"
                           : compared.intact ? ""
                                             : "; the file was changed since it was written";
  fmt::print("{} {}: {}{}\n", then.kind, printable(then.path),
             compared.same ? "comes out again, byte for byte" : "comes out otherwise", kept);
  return compared;
}

Status print_persons(const RunManifest& then, const RunManifest& now) {
  const ManifestFile* before = then.output("persons");
  const ManifestFile* after = now.output("persons");
  if (before == nullptr || after == nullptr) return {};
  BH_TRY(const PersonDifferences found, compare_persons(before->path, after->path));
  fmt::print("persons: {} gained, {} lost, {} changed, {} the same\n", found.gained, found.lost,
             found.changed, found.same);
  for (const std::string& sentence : found.first)
    fmt::print("  {}\n", printable(sentence));
  if (found.gained + found.lost + found.changed > found.first.size()) fmt::print("  and more\n");
  return {};
}

// A file that is not what its run wrote is the first thing to know: no other program explains it.
Outcome conclude(const RunDifferences& why, const Compared& outputs) {
  if (outputs.same && outputs.intact) {
    fmt::print("verified: the same, byte for byte\n");
    return why.inputs_differ ? ExitCode::kDoneInPart : ExitCode::kDone;
  }
  if (!outputs.intact)
    return fail(ErrorCode::kCorrupt, fmt::format("an output is not what the run wrote: take {}",
                                                 outputs.same ? "what comes out again, or a copy"
                                                              : "a copy of it, and verify that"));
  if (why.sentences.empty())
    return fail(ErrorCode::kCorrupt,
                "the same program, rules and files give another result: these outputs or this "
                "manifest are not of that run");
  if (why.inputs_differ)
    return fail(ErrorCode::kCorrupt,
                "the files are not those of the run: put them back, or scan anew");
  fmt::print("this is a new run, not the same one again\n");
  return ExitCode::kDoneInPart;
}

Compared compare_outputs(const RunManifest& then, const RunManifest& now) {
  Compared all;
  for (const ManifestFile& output : then.outputs) {
    const Compared one = compare_output(output, now);
    all.same = all.same && one.same;
    all.intact = all.intact && one.intact;
  }
  for (const ManifestFile& output : now.outputs) {
    if (then.output(output.kind) != nullptr) continue;
    fmt::print("{} comes out, and the manifest does not name it\n", output.kind);
    all.same = false;
  }
  return all;
}

Outcome verify_in(const std::string& folder, const RunManifest& then) {
  BH_TRY(const exposure::ScanOptions scan, again(then, folder));
  std::ostringstream table, messages;
  BH_TRY(const exposure::ScanOutcome outcome, exposure::scan(scan, table, messages));
  BH_TRY(const RunManifest now, read_manifest(scan.manifest));
  const RunDifferences why = differences(then, now);
  for (const std::string& sentence : why.sentences)
    fmt::print("{}\n", printable(sentence));
  const Compared outputs = compare_outputs(then, now);
  if (!outputs.same || !outputs.intact) {
    const Status printed = print_persons(then, now);
    if (!printed)
      fmt::print("persons cannot be compared: {}\n", printable(printed.error().message));
  }
  std::fflush(stdout);
  return conclude(why, outputs);
}

// What the second run says of everybody is nobody else's business: it is gone afterwards, also
// where this is interrupted.
Outcome verify_run(const std::string& path) {
  BH_TRY(const RunManifest then, read_manifest(path));
  BH_TRY(const int status, in_short_lived_folder("bulkhead-verify", [&](const std::string& folder) {
           return run_action({[&] { return verify_in(folder, then); }});
         }));
  return static_cast<ExitCode>(status);
}

}  // namespace

void add_verify_run(CLI::App& root, Choice& choice) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = root.add_subcommand(
      "verify-run", "Do a scan again as its manifest.json says, and compare byte for byte");
  command->add_option("MANIFEST", *path, "manifest.json of that run")->required()->type_name("");
  command->callback([path, &choice] { choice.action = [path] { return verify_run(*path); }; });
}

}  // namespace bulkhead::cli
