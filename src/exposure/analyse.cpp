#include <algorithm>

#include "exposure/exposure.h"
#include "exposure/readers/collector.h"
#include "exposure/readers/delimited_reader.h"
#include "exposure/readers/sniff.h"
#include "exposure/readers/x12_reader.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kHeadBytes = 64 * 1024;

void recognised_only(const Sniffed& what, FileReport& report, Collector& collector) {
  report.format = what.format;
  report.recognised_by = what.recognised_by;
  collector.not_understood(0, report.bytes, what.format + ": recognised, not read");
}

Status read_delimited(ByteSource& source, std::string_view head, std::string_view name_hint,
                      const Sniffed& what, FileReport& report, Collector& collector) {
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
  return read_delimited(source, *layout, collector);
}

}  // namespace

Result<FileFindings> analyse(ByteSource& source, std::string_view name_hint, const Rules& rules) {
  FileFindings findings;
  FileReport& report = findings.report;
  report.bytes = source.size();
  report.rules_version = rules.version();
  Collector collector(findings, rules);
  Bytes buffer(std::min<std::uint64_t>(kHeadBytes, report.bytes));
  BH_TRY(const std::size_t count, source.read_at(0, buffer));
  const std::string_view head = as_text(ByteView(buffer).first(count));
  const Sniffed what = sniff(head);
  switch (what.what) {
    case FormatClass::kEmpty:
      report.format = what.format;
      report.recognised_by = what.recognised_by;
      report.read = true;
      break;
    case FormatClass::kX12:
      BH_CHECK(read_x12(source, collector));
      if (report.format.empty()) {
        // Envelopes only, or nothing but damage.
        report.format = what.format;
        report.recognised_by = what.recognised_by;
        report.read = report.bytes_not_understood == 0;
      }
      break;
    case FormatClass::kMaybeDelimited:
      BH_CHECK(read_delimited(source, head, name_hint, what, report, collector));
      break;
    case FormatClass::kOther:
      recognised_only(what, report, collector);
      break;
  }
  report.bytes_not_understood = std::min(report.bytes_not_understood, report.bytes);
  return findings;
}

}  // namespace bulkhead::exposure
