// sample.ndjson, and the files that a summary lists.
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/fd.h"
#include "base/json_writer.h"
#include "exposure/scan_inputs.h"
#include "notify/review/json_line.h"
#include "notify/review/sample/draw.h"

namespace bulkhead::review {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kExcerptAround = 60;  // bytes before and behind a finding

void write_head(JsonWriter& json, const Sample& sample) {
  json.begin_object();
  json.member("version", kVersion);
  json.member("seed", sample.seed);
  json.member("wanted_findings", sample.wanted_findings);
  json.member("wanted_windows", sample.wanted_windows);
  json.member("window_bytes", kWindowBytes);
  json.key("strata");
  json.begin_array();
  for (const Stratum& stratum : sample.strata) {
    json.begin_object();
    json.member("file", stratum.file);
    json.member("format", stratum.format);
    json.member("findings", stratum.findings);
    json.member("findings_drawn", stratum.findings_drawn);
    json.member("windows", stratum.windows);
    json.member("windows_drawn", stratum.windows_drawn);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_unit(JsonWriter& json, const SampleUnit& unit) {
  json.begin_object();
  json.member("unit", unit.id);
  json.member("kind", to_string(unit.kind));
  json.member("file", unit.file);
  json.member("format", unit.format);
  if (unit.kind == UnitKind::kFinding) {
    json.member("person", unit.person);
    json.member("name", unit.name);
    json.member("born", unit.born);
    json.member("element", exposure::to_string(unit.element));
    json.key("places");
    json.begin_array();
    for (const ReviewedPlace& place : unit.places) {
      json.begin_object();
      json.member("offset", place.offset);
      json.member("length", place.length);
      json.member("where", place.where);
      json.end_object();
    }
    json.end_array();
  } else {
    json.member("offset", unit.offset);
    json.member("length", unit.length);
  }
  if (!unit.excerpt.empty()) json.member("excerpt", unit.excerpt);
  json.end_object();
}

Status read_head(const JsonObject& line, Sample& sample) {
  BH_TRY(const std::uint64_t version, line.number("version"));
  if (version != kVersion) return line.wrong("was written by a newer release");
  BH_TRY(sample.seed, line.text("seed"));
  BH_TRY(sample.wanted_findings, line.number("wanted_findings"));
  BH_TRY(sample.wanted_windows, line.number("wanted_windows"));
  return line.each("strata", [&](const JsonObject& one) -> Status {
    Stratum stratum;
    BH_TRY(stratum.file, one.text("file"));
    BH_TRY(stratum.format, one.text("format"));
    BH_TRY(stratum.findings, one.number("findings"));
    BH_TRY(stratum.findings_drawn, one.number("findings_drawn"));
    BH_TRY(stratum.windows, one.number("windows"));
    BH_TRY(stratum.windows_drawn, one.number("windows_drawn"));
    sample.strata.push_back(std::move(stratum));
    return {};
  });
}

Status read_finding(const JsonObject& line, SampleUnit& unit) {
  BH_TRY(unit.person, line.text("person"));
  BH_TRY(unit.name, line.text_or("name", ""));
  BH_TRY(unit.born, line.text_or("born", ""));
  BH_TRY(const std::string word, line.text("element"));
  const auto element = exposure::element_from(word);
  if (!element) return line.wrong("element: one that this release does not know");
  unit.element = *element;
  return line.each("places", [&](const JsonObject& one) -> Status {
    ReviewedPlace place{.element = *element};
    BH_TRY(place.offset, one.number("offset"));
    BH_TRY(place.length, one.number("length"));
    BH_TRY(place.where, one.text("where"));
    unit.places.push_back(std::move(place));
    return {};
  });
}

Result<SampleUnit> read_unit(const JsonObject& line) {
  SampleUnit unit;
  BH_TRY(unit.id, line.text("unit"));
  BH_TRY(const std::string kind, line.text("kind"));
  if (kind != "finding" && kind != "window")
    return line.wrong("kind: finding or window is expected");
  unit.kind = kind == "finding" ? UnitKind::kFinding : UnitKind::kWindow;
  BH_TRY(unit.file, line.text("file"));
  BH_TRY(unit.format, line.text("format"));
  if (unit.kind == UnitKind::kFinding) {
    BH_CHECK(read_finding(line, unit));
  } else {
    BH_TRY(unit.offset, line.number("offset"));
    BH_TRY(unit.length, line.number("length"));
  }
  return unit;
}

// What cannot be shown as text is a dot each.
std::string shown(ByteView bytes) {
  std::string text(as_text(bytes));
  for (char& c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code >= 0x7F) c = '.';
  }
  return text;
}

}  // namespace

Result<std::vector<SampledFile>> read_summary_files(const std::string& path) {
  std::vector<SampledFile> files;
  JsonLineParser parser(path, kRunLimits);
  const auto take_line = [&](std::string_view text, std::uint64_t number) -> Status {
    BH_TRY(const JsonObject line, parser.parse(text, number));
    return line.each("files", [&](const JsonObject& one) -> Status {
      SampledFile file;
      BH_TRY(file.file, one.text("file"));
      BH_TRY(file.format, one.text("format"));
      BH_TRY(file.bytes, one.number("bytes"));
      files.push_back(std::move(file));
      return {};
    });
  };
  BH_TRY(const LinesRead read, for_each_line(path, take_line, kRunLimits.line_bytes));
  if (read.lines != 1 || read.unfinished)
    return fail(ErrorCode::kMalformed, fmt::format("{}: is no summary of a scan", path));
  return files;
}

std::string sample_text(const Sample& sample) {
  JsonWriter json;
  write_head(json, sample);
  std::string text = std::string(json.text()) + "\n";
  for (const SampleUnit& unit : sample.units) {
    json.clear();
    write_unit(json, unit);
    text += json.text();
    text += '\n';
  }
  return text;
}

Result<Sample> parse_sample(std::string_view text, const std::string& name) {
  Sample sample;
  JsonLineParser parser(name);
  bool headed = false;
  const auto take_line = [&](std::string_view bytes, std::uint64_t number) -> Status {
    BH_TRY(const JsonObject line, parser.parse(bytes, number));
    if (!headed) {
      headed = true;
      return read_head(line, sample);
    }
    BH_TRY(SampleUnit unit, read_unit(line));
    sample.units.push_back(std::move(unit));
    return {};
  };
  BH_TRY(const LinesRead read, for_each_line_of(text, take_line));
  if (!headed || read.unfinished)
    return fail(ErrorCode::kMalformed, fmt::format("{}: is no whole sample", name));
  return sample;
}

Status add_excerpts(const std::vector<std::string>& paths, Sample& sample) {
  BH_TRY(const exposure::ScanInputs inputs, exposure::find_inputs(paths));
  std::map<std::string, std::string> path_of;
  for (const exposure::ScanInput& input : inputs.files)
    path_of.emplace(input.name, input.path);
  for (SampleUnit& unit : sample.units) {
    const auto at = path_of.find(unit.file);
    if (at == path_of.end()) continue;
    std::uint64_t offset = unit.offset, length = unit.length;
    if (unit.kind == UnitKind::kFinding) {
      if (unit.places.empty()) continue;
      const ReviewedPlace& place = unit.places.front();
      offset = place.offset - std::min(place.offset, kExcerptAround);
      length = place.offset - offset + std::min(place.length, kWindowBytes) + kExcerptAround;
    }
    BH_TRY(const UniqueFd fd, open_file(at->second, O_RDONLY));
    Bytes bytes(std::min(length, 2 * kWindowBytes));
    BH_TRY(const std::size_t count, read_at(fd.get(), bytes, offset, "a file of the sample"));
    unit.excerpt = shown(ByteView(bytes).first(count));
  }
  return {};
}

}  // namespace bulkhead::review
