#include "exposure/output/manifest.h"

#include "base/json_writer.h"

namespace bulkhead::exposure {
namespace {

std::string_view output_kind(const OutputPaths& outputs, const std::string& path) {
  if (path == outputs.persons) return "persons";
  if (path == outputs.summary) return "summary";
  return path == outputs.csv ? "csv" : "html";
}

}  // namespace

std::string manifest_json(const ScanOptions& options, const RunRecord& run) {
  JsonWriter json;
  json.begin_object();
  json.member("version", 1);
  json.member("program_version", options.program_version);
  json.member("rules", run.rules_version);
  json.key("configuration");
  if (options.config.empty()) {
    json.null();
  } else {
    json.begin_object();
    json.member("path", options.config);
    json.member("sha256", to_hex(run.config_sha256));
    json.end_object();
  }
  json.key("layouts");
  json.begin_array();
  for (const LayoutShelf::Read& layout : run.layouts) {
    json.begin_object();
    json.member("path", layout.path);
    json.member("sha256", to_hex(layout.sha256));
    json.end_object();
  }
  json.end_array();
  json.key("corrections");
  json.begin_array();
  if (options.corrections) {
    json.begin_object();
    json.member("path", options.corrections->path);
    json.member("sha256", to_hex(options.corrections->sha256));
    json.end_object();
  }
  json.end_array();
  if (!options.roster.empty()) {
    json.key("roster");
    json.begin_object();
    json.member("path", options.roster);
    json.member("sha256", to_hex(run.roster_sha256));
    json.end_object();
  }
  json.member("time_zone", "UTC");
  json.member("as_of", run.as_of);
  json.member("started", to_rfc3339(run.started));
  json.member("ended", to_rfc3339(run.ended));
  json.key("paths");
  json.begin_array();
  for (const std::string& path : options.paths)
    json.value(path);
  json.end_array();
  json.key("inputs");
  json.begin_array();
  for (const InputRecord& input : run.inputs) {
    json.begin_object();
    json.member("path", input.path);
    json.member("name", input.name);
    json.member("bytes", input.bytes);
    json.key("sha256");
    if (input.sha256.empty())
      json.null();
    else
      json.value(to_hex(input.sha256));
    json.end_object();
  }
  json.end_array();
  if (options.only) json.member("chosen", true);
  if (!options.missing.empty()) {
    json.key("missing");
    json.begin_array();
    for (const UnreadFile& file : options.missing) {
      json.begin_object();
      json.member("name", file.file);
      json.member("reason", file.reason);
      json.end_object();
    }
    json.end_array();
  }
  json.key("outputs");
  json.begin_array();
  for (const OutputFile& output : run.outputs) {
    json.begin_object();
    const std::string_view kind = output_kind(options.outputs, output.path);
    json.member("kind", kind);
    if (kind == "html") json.member("values", options.outputs.html_values);
    json.member("path", output.path);
    json.member("bytes", output.bytes);
    json.member("sha256", to_hex(output.sha256));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return std::move(json).take() + "\n";
}

}  // namespace bulkhead::exposure
