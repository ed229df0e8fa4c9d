// `bulkhead verify-run`: the same run again, and whether the same comes out.
#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <sstream>
#include <thread>

#include "cli/command.h"
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

namespace fs = std::filesystem;

constexpr std::string_view kKinds[] = {"persons", "summary", "csv"};

// Personal data of the second run: nobody else's business, and gone afterwards.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make() {
    std::error_code error;
    std::string path = (fs::temp_directory_path(error) / "bulkhead-verify-XXXXXX").string();
    if (error || ::mkdtemp(path.data()) == nullptr) return fail_errno("making a temporary folder");
    return TemporaryFolder(std::move(path));
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

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

Result<exposure::ScanOptions> again(const RunManifest& manifest, const TemporaryFolder& folder) {
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
  if (manifest.output("persons") != nullptr) scan.outputs.persons = folder.file("persons");
  if (manifest.output("summary") != nullptr) scan.outputs.summary = folder.file("summary");
  if (manifest.output("csv") != nullptr) scan.outputs.csv = folder.file("csv");
  scan.manifest = folder.file("manifest.json");
  scan.as_of = manifest.as_of;
  scan.jobs = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  scan.progress = stderr_is_terminal();
  scan.program_version = kRelease;
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

Outcome conclude(const RunDifferences& why, bool same, bool intact) {
  if (same && intact) {
    fmt::print("verified: the same, byte for byte\n");
    return why.inputs_differ ? ExitCode::kDoneInPart : ExitCode::kDone;
  }
  if (same)
    return fail(ErrorCode::kCorrupt,
                "an output is not what the run wrote: take what comes out again, or a copy");
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

Outcome verify_run(const std::string& path) {
  BH_TRY(const RunManifest then, read_manifest(path));
  BH_TRY(const TemporaryFolder folder, TemporaryFolder::make());
  BH_TRY(const exposure::ScanOptions scan, again(then, folder));
  std::ostringstream table, messages;
  BH_TRY(const exposure::ScanOutcome outcome, exposure::scan(scan, table, messages));
  BH_TRY(const RunManifest now, read_manifest(scan.manifest));
  const RunDifferences why = differences(then, now);
  for (const std::string& sentence : why.sentences)
    fmt::print("{}\n", printable(sentence));
  bool same = true, intact = true;
  for (const ManifestFile& output : then.outputs) {
    if (std::find(std::begin(kKinds), std::end(kKinds), output.kind) == std::end(kKinds))
      return fail(ErrorCode::kMalformed,
                  fmt::format("{}: outputs of kind {} are not known", path, output.kind));
    const Compared compared = compare_output(output, now);
    same = same && compared.same;
    intact = intact && compared.intact;
  }
  if (!same || !intact) {
    const Status printed = print_persons(then, now);
    if (!printed)
      fmt::print("persons cannot be compared: {}\n", printable(printed.error().message));
  }
  std::fflush(stdout);
  return conclude(why, same, intact);
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
