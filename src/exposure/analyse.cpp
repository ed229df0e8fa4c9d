#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "exposure/containers/archive_stream.h"
#include "exposure/containers/container_run.h"
#include "exposure/containers/read_archive.h"
#include "exposure/containers/read_mail.h"
#include "exposure/exposure.h"
#include "exposure/infer/infer_layout.h"
#include "exposure/layouts/layout_fit.h"
#include "exposure/readers/collector.h"
#include "exposure/readers/delimited_reader.h"
#include "exposure/readers/fhir_reader.h"
#include "exposure/readers/hl7_reader.h"
#include "exposure/readers/nacha_reader.h"
#include "exposure/readers/ncpdp_reader.h"
#include "exposure/readers/part_feeder.h"
#include "exposure/readers/record_reader.h"
#include "exposure/readers/sniff.h"
#include "exposure/readers/x12_reader.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kHeadBytes = 64 * 1024;
// How well a layout must fit that somebody named for this file, or that only lies beside it.
constexpr double kGivenFits = 0.75, kBesideFits = 0.9, kInferredFits = 0.7;
constexpr std::size_t kFewFields = 8;

void recognised_only(const Sniffed& what, FileReport& report, Collector& collector) {
  report.format = what.format;
  report.recognised_by = what.recognised_by;
  collector.not_understood(0, report.bytes, what.format + ": recognised, not read");
}

Status read_delimited(ByteSource& source, std::string_view head, std::string_view name_hint,
                      const Sniffed& what, FileReport& report, Collector& collector,
                      unsigned threads) {
  const auto layout = find_delimited_layout(head, name_hint, collector.rules());
  if (!layout) {
    recognised_only(what, report, collector);
    return {};
  }
  if (!layout->has_header) {
    recognised_only({FormatClass::kOther, "delimited without a header", layout->recognised_by},
                    report, collector);
    return {};
  }
  report.format = "delimited";
  report.recognised_by = layout->recognised_by;
  report.read = true;
  if (threads > 1 && PartFeeder::worth(report.bytes)) {
    BH_TRY(const bool done, read_delimited_in_parts(source, *layout, collector, threads));
    if (done) return {};
  }
  return read_delimited(source, *layout, collector);
}

Status read_x12(ByteSource& source, Collector& collector, unsigned threads) {
  if (threads > 1 && PartFeeder::worth(source.size())) {
    BH_TRY(const bool done, read_x12_in_parts(source, collector, threads));
    if (done) return {};
  }
  return read_x12(source, collector);
}

// `sure`: how sure an inferred layout is; nothing where somebody wrote it.
std::string how(const LayoutFit& fit, std::optional<double> sure) {
  const std::string length = fit.framing == Framing::kFixed
                                 ? fmt::format("{} bytes a record", fit.record_length)
                                 : fmt::format("records in {}", to_string(fit.framing));
  const std::string from =
      sure ? fmt::format("layout inferred from the data, {:.0f}% sure", std::floor(*sure * 100))
           : fmt::format("{} {}", fit.layout->origin, fit.layout->name);
  return fmt::format("{}, {}, {} of {} fields known", from, length, fit.known,
                     fit.layout->fields.size());
}

Status read_with(ByteSource& source, LayoutFit fit, std::string_view scope,
                 std::optional<double> sure, FileReport& report, Collector& collector) {
  fit.scope = std::string(scope);
  report.format = is_ebcdic(fit.page) ? "ebcdic" : "fixed-width";
  report.recognised_by = how(fit, sure);
  report.read = true;
  return read_records(source, fit, collector);
}

// Says whether a layout fitted.
Result<bool> read_laid_out(ByteSource& source, std::string_view head, std::string_view name_hint,
                           const std::vector<LayoutPtr>& layouts, double least, bool ebcdic,
                           FileReport& report, Collector& collector) {
  auto fit = best_fit(layouts, head, report.bytes, least, ebcdic);
  if (!fit) return false;
  const std::string_view folder = name_hint.substr(0, name_hint.rfind('/') + 1);
  BH_CHECK(read_with(source, std::move(*fit), folder, std::nullopt, report, collector));
  return true;
}

// Says whether a layout could be inferred for sure.
Result<bool> read_inferred(ByteSource& source, std::string_view head, std::string_view name_hint,
                           bool ebcdic, FileReport& report, Collector& collector) {
  const auto inference = infer_layout(head, report.bytes, ebcdic, collector.rules());
  if (!inference || inference->sure < kSureEnough) return false;
  auto fit = best_fit({inference->layout}, head, report.bytes, kInferredFits, ebcdic);
  if (!fit) return false;
  // Numbers of the file's own mean nothing in another one: nobody knows that they are the same.
  BH_CHECK(read_with(source, std::move(*fit), name_hint, inference->sure, report, collector));
  return true;
}

// Columns of text may hold a comma in each line; rows of a file with commas are hardly ever all of
// one length.
bool may_be_columns(std::string_view head) {
  const std::string_view first = head.substr(0, head.find('\n'));
  std::size_t lines = 0, equal = 0;
  while (!head.empty() && lines < 200) {
    const std::size_t end = head.find('\n');
    if (end == std::string_view::npos) break;
    ++lines;
    equal += end == first.size() ? 1 : 0;
    head.remove_prefix(end + 1);
  }
  return lines < 2 || equal + 4 >= lines;
}

bool is_layout(std::string_view head, FileReport& report, const Rules& rules) {
  if (head.size() < report.bytes || !looks_like_layout(head)) return false;
  const auto layout = parse_layout(head, "", rules);
  if (!layout) return false;
  report.format = "record-layout";
  report.recognised_by = fmt::format("{} fields", (*layout)->fields.size());
  report.read = true;
  return true;
}

// Files that do not say themselves what they are.
Status read_unnamed(ByteSource& source, std::string_view head, std::string_view name_hint,
                    const Sniffed& what, const Layouts& layouts, FileReport& report,
                    Collector& collector, unsigned threads) {
  const bool text = what.what == FormatClass::kMaybeDelimited;
  const bool ebcdic = what.format == "ebcdic";
  if (text && is_layout(head, report, collector.rules())) return {};
  BH_TRY(bool done, read_laid_out(source, head, name_hint, layouts.given, kGivenFits, ebcdic,
                                  report, collector));
  if (done) return {};
  if (text) {
    const auto delimited = find_delimited_layout(head, name_hint, collector.rules());
    if (delimited && delimited->has_header)
      return read_delimited(source, head, name_hint, what, report, collector, threads);
  }
  std::vector<LayoutPtr> beside = layouts.all_beside();
  // Few fields without a meaning fit everything.
  std::erase_if(beside, [](const LayoutPtr& layout) {
    const bool known = std::any_of(layout->fields.begin(), layout->fields.end(), [](const auto& f) {
      return f.meaning.known && f.meaning.kind != FieldKind::kNone;
    });
    return !known && layout->fields.size() < kFewFields;
  });
  BH_TRY(done,
         read_laid_out(source, head, name_hint, beside, kBesideFits, ebcdic, report, collector));
  if (done) return {};
  if (!text || may_be_columns(head) || !find_delimited_layout(head, name_hint, collector.rules())) {
    BH_TRY(done, read_inferred(source, head, name_hint, ebcdic, report, collector));
    if (done) return {};
  }
  if (text) return read_delimited(source, head, name_hint, what, report, collector, threads);
  recognised_only(what, report, collector);
  return {};
}

// What is read in one go, and says itself what it is.
Status read_named(ByteSource& source, std::string_view name_hint, const Sniffed& what,
                  FileReport& report, Collector& collector, unsigned threads) {
  switch (what.what) {
    case FormatClass::kX12:
      BH_CHECK(read_x12(source, collector, threads));
      if (!report.format.empty()) return {};
      // Envelopes only, or nothing but damage.
      report.format = what.format;
      report.recognised_by = what.recognised_by;
      report.read = report.bytes_not_understood == 0;
      return {};
    case FormatClass::kHl7:
      BH_CHECK(read_hl7(source, collector));
      break;
    case FormatClass::kFhirJson:
      return read_fhir_json(source, name_hint, collector);
    case FormatClass::kNacha:
      return read_nacha(source, collector);
    case FormatClass::kNcpdp:
      BH_CHECK(read_ncpdp(source, collector));
      break;
    case FormatClass::kEmpty:
      report.format = what.format;
      report.recognised_by = what.recognised_by;
      report.read = true;
      return {};
    default:
      break;
  }
  if (report.format.empty()) recognised_only(what, report, collector);
  return {};
}

Result<FileFindings> analyse_at(ByteSource& source, const Place& place, const Layouts& layouts,
                                unsigned threads, ContainerRun& run) {
  FileFindings findings;
  FileReport& report = findings.report;
  report.bytes = source.size();
  report.rules_version = run.rules.version();
  Collector collector(findings, run.rules);
  Bytes buffer(std::min<std::uint64_t>(kHeadBytes, report.bytes));
  BH_TRY(const std::size_t count, source.read_at(0, buffer));
  const std::string_view head = as_text(ByteView(buffer).first(count));
  const Sniffed what = sniff(head);
  const bool unnamed =
      what.what == FormatClass::kMaybeDelimited || what.what == FormatClass::kRecords;
  if (what.what == FormatClass::kArchive)
    BH_CHECK(read_archive(source, what, place, layouts, run, collector));
  else if (what.format == "email")
    BH_CHECK(read_mail(source, place, layouts, run, collector));
  else if (what.format == "mbox")
    BH_CHECK(read_mailbox(source, place, layouts, run, collector));
  else if (unnamed)
    BH_CHECK(read_unnamed(source, head, place.hint, what, layouts, report, collector, threads));
  else
    BH_CHECK(read_named(source, place.hint, what, report, collector, threads));
  report.bytes_not_understood = std::min(report.bytes_not_understood, report.bytes);
  return findings;
}

}  // namespace

Result<bool> shares_threads(ByteSource& source, std::string_view name_hint, const Rules& rules) {
  if (!PartFeeder::worth(source.size())) return false;
  Bytes buffer(kHeadBytes);
  BH_TRY(const std::size_t count, source.read_at(0, buffer));
  const std::string_view head = as_text(ByteView(buffer).first(count));
  const FormatClass what = sniff(head).what;
  if (what != FormatClass::kMaybeDelimited) return what == FormatClass::kX12;
  const auto layout = find_delimited_layout(head, name_hint, rules);
  return layout && layout->has_header;
}

Result<bool> is_container(ByteSource& source) {
  Bytes buffer(kHeadBytes);
  BH_TRY(const std::size_t count, source.read_at(0, buffer));
  const FormatClass what = sniff(as_text(ByteView(buffer).first(count))).what;
  return what == FormatClass::kArchive || what == FormatClass::kMail;
}

Result<FileFindings> analyse(ByteSource& source, std::string_view name_hint, const Rules& rules,
                             const Layouts& layouts, unsigned threads,
                             const ContainerLimits& limits) {
  ContainerRun run(
      rules, limits, source.size(),
      [](ByteSource& member, const Place& place, const Layouts& beside, ContainerRun& within) {
        return analyse_at(member, place, beside, 1, within);
      });
  BH_TRY(FileFindings findings,
         analyse_at(source, {.hint = std::string(name_hint)}, layouts, threads, run));
  findings.members = run.take();
  return findings;
}

void prepare_for_sandbox() {
  prepare_archives();
}

}  // namespace bulkhead::exposure
