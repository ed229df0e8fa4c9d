#include "cli/run_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/fd.h"
#include "notify/review/json_line.h"

namespace bulkhead::cli {
namespace {

using review::JsonObject;

Result<std::vector<ManifestFile>> files(const JsonObject& manifest, std::string_view key) {
  std::vector<ManifestFile> list;
  BH_CHECK(manifest.each(key, [&](const JsonObject& one) -> Status {
    ManifestFile& file = list.emplace_back();
    BH_TRY(file.path, one.text_or("path", ""));
    BH_TRY(file.name, one.text_or("name", ""));
    BH_TRY(file.kind, one.text_or("kind", ""));
    BH_TRY(file.sha256, one.text_or("sha256", ""));
    if (one.has("values")) {
      BH_TRY(file.values, one.truth("values"));
    }
    return {};
  }));
  return list;
}

Result<std::optional<ManifestFile>> one_file(const JsonObject& manifest, std::string_view key) {
  BH_TRY(const auto object, manifest.object(key));
  if (!object) return std::nullopt;
  ManifestFile file;
  BH_TRY(file.path, object->text("path"));
  BH_TRY(file.sha256, object->text("sha256"));
  return file;
}

Status read_members(const JsonObject& object, RunManifest& manifest) {
  BH_TRY(manifest.program_version, object.text("program_version"));
  BH_TRY(manifest.rules, object.text("rules"));
  BH_TRY(manifest.as_of, object.text("as_of"));
  BH_TRY(manifest.paths, object.texts("paths"));
  BH_TRY(manifest.inputs, files(object, "inputs"));
  BH_TRY(manifest.outputs, files(object, "outputs"));
  BH_TRY(manifest.layouts, files(object, "layouts"));
  BH_TRY(manifest.corrections, files(object, "corrections"));
  BH_TRY(manifest.configuration, one_file(object, "configuration"));
  BH_TRY(manifest.roster, one_file(object, "roster"));
  if (object.has("chosen")) {
    BH_TRY(manifest.chosen, object.truth("chosen"));
  }
  return object.each("missing", [&](const JsonObject& one) -> Status {
    ManifestFile& file = manifest.missing.emplace_back();
    BH_TRY(file.name, one.text("name"));
    BH_TRY(file.kind, one.text("reason"));
    return {};
  });
}

constexpr std::string_view kOutputKinds[] = {"persons", "summary", "csv", "html"};

// Each kind that there is at most once, and the persons, who are what all of it is about: what is
// not named is not compared, and must not pass for verified.
Status check_outputs(const RunManifest& manifest, const std::string& path) {
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorCode::kMalformed, fmt::format("{}: {}", path, what));
  };
  std::set<std::string_view> seen;
  for (const ManifestFile& output : manifest.outputs) {
    if (std::find(std::begin(kOutputKinds), std::end(kOutputKinds), output.kind) ==
        std::end(kOutputKinds))
      return wrong(fmt::format("outputs of kind {} are not known", output.kind));
    if (output.path.empty() || output.sha256.empty())
      return wrong(fmt::format("the {} that it names have no path or no hash", output.kind));
    if (!seen.insert(output.kind).second)
      return wrong(fmt::format("two outputs are {}", output.kind));
  }
  if (!seen.contains("persons"))
    return wrong("it names no persons among its outputs: only a run with --out can be verified");
  return {};
}

void compare_file(std::string_view what, const ManifestFile& before, const ManifestFile* now,
                  RunDifferences& found) {
  if (now == nullptr)
    found.sentences.push_back(fmt::format("{} {} is not there any more", what, before.path));
  else if (now->sha256 != before.sha256)
    found.sentences.push_back(fmt::format("{} {} was changed", what, before.path));
}

void compare_lists(std::string_view what, const std::vector<ManifestFile>& before,
                   const std::vector<ManifestFile>& now, RunDifferences& found) {
  for (std::size_t i = 0; i < before.size(); ++i)
    compare_file(what, before[i], i < now.size() ? &now[i] : nullptr, found);
}

void compare_inputs(const RunManifest& before, const RunManifest& now, RunDifferences& found) {
  std::map<std::string, const ManifestFile*> there;
  for (const ManifestFile& input : now.inputs)
    there[input.name] = &input;
  const std::size_t known = found.sentences.size();
  for (const ManifestFile& input : before.inputs) {
    const auto at = there.find(input.name);
    compare_file("the file", input, at == there.end() ? nullptr : at->second, found);
    if (at != there.end()) there.erase(at);
  }
  for (const auto& [name, input] : there)
    found.sentences.push_back(fmt::format("the file {} came since", input->path));
  found.inputs_differ = found.sentences.size() > known;
}

}  // namespace

const ManifestFile* RunManifest::output(std::string_view kind) const {
  for (const ManifestFile& each : outputs) {
    if (each.kind == kind) return &each;
  }
  return nullptr;
}

Result<RunManifest> read_manifest(const std::string& path) {
  BH_TRY(const Bytes text, read_file(path, review::kRunLimits.line_bytes));
  review::JsonLineParser parser(path, review::kRunLimits);
  std::string_view line = as_text(text);
  while (line.ends_with('\n') || line.ends_with('\r'))
    line.remove_suffix(1);
  BH_TRY(const JsonObject object, parser.parse(line, 1));
  BH_TRY(const std::uint64_t version, object.number("version"));
  if (version != 1)
    return fail(ErrorCode::kNewerFormat,
                fmt::format("{}: version {} of manifests is not known here: use the release that "
                            "wrote it",
                            path, version));
  RunManifest manifest;
  BH_CHECK(read_members(object, manifest));
  if (manifest.paths.empty())
    return fail(ErrorCode::kMalformed, fmt::format("{}: it names no paths", path));
  BH_CHECK(check_outputs(manifest, path));
  return manifest;
}

RunDifferences differences(const RunManifest& before, const RunManifest& now) {
  RunDifferences found;
  if (before.program_version != now.program_version)
    found.sentences.push_back(
        fmt::format("the program was {}, this is {}", before.program_version, now.program_version));
  if (before.rules != now.rules)
    found.sentences.push_back(
        fmt::format("the rules were {}, these are {}", before.rules, now.rules));
  if (before.configuration)
    compare_file("the configuration", *before.configuration,
                 now.configuration ? &*now.configuration : nullptr, found);
  if (before.roster)
    compare_file("the roster", *before.roster, now.roster ? &*now.roster : nullptr, found);
  compare_lists("the layout", before.layouts, now.layouts, found);
  compare_lists("the file of corrections", before.corrections, now.corrections, found);
  compare_inputs(before, now, found);
  return found;
}

}  // namespace bulkhead::cli
