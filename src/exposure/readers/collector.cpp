#include "exposure/readers/collector.h"

#include <fmt/format.h>

#include <algorithm>

#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxReasons = 32;
constexpr std::size_t kMaxWarnings = 32;
constexpr std::size_t kMaxFormats = 100;  // characters

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  // Compared without punctuation, so that "MO HEALTHNET" and "Mo-HealthNet" are one.
  const Compact a(text);
  const Compact b(part);
  return !b.view().empty() && a.view().find(b.view()) != std::string_view::npos;
}

}  // namespace

void Collector::not_understood(std::uint64_t offset, std::uint64_t bytes, std::string_view reason) {
  if (bytes == 0) return;
  FileReport& file = findings_.report;
  for (NotUnderstood& known : file.not_understood) {
    if (known.reason != reason) continue;
    file.bytes_not_understood += bytes;
    known.bytes += bytes;
    ++known.count;
    return;
  }
  note({std::string(reason), bytes, 1, offset});
}

void Collector::note(const NotUnderstood& part) {
  FileReport& file = findings_.report;
  file.bytes_not_understood += part.bytes;
  for (NotUnderstood& known : file.not_understood) {
    const bool others = &known - file.not_understood.data() == kMaxReasons;
    if (known.reason != part.reason && !others) continue;
    known.bytes += part.bytes;
    known.count += part.count;
    return;
  }
  file.not_understood.push_back(part);
  if (file.not_understood.size() > kMaxReasons) file.not_understood.back().reason = "other reasons";
}

void Collector::warn(std::uint64_t offset, std::string_view what) {
  if (findings_.report.warnings.size() <= kMaxWarnings)
    push_warning(fmt::format("{}: {}", offset, what));
}

void Collector::push_warning(std::string text) {
  std::vector<std::string>& warnings = findings_.report.warnings;
  if (warnings.size() < kMaxWarnings)
    warnings.push_back(std::move(text));
  else if (warnings.size() == kMaxWarnings)
    warnings.push_back("more of them are not listed");
}

void add_format(std::string_view format, std::string& formats) {
  if (formats.empty())
    formats = format;
  else if (formats.find(format) == std::string::npos && formats.size() < kMaxFormats)
    formats += "+" + std::string(format);
}

bool Collector::append(const FileFindings& next) {
  FileReport& to = findings_.report;
  const FileReport& from = next.report;
  if (from.not_understood.size() > kMaxReasons || from.format.size() >= kMaxFormats) return false;
  if (to.format.empty()) to.recognised_by = from.recognised_by;
  for (std::string_view rest = from.format; !rest.empty();) {
    const std::string_view format = rest.substr(0, rest.find('+'));
    add_format(format, to.format);
    rest.remove_prefix(std::min(rest.size(), format.size() + 1));
  }
  to.read = to.read || from.read;
  for (const NotUnderstood& part : from.not_understood)
    note(part);
  for (const std::string& warning : from.warnings)
    push_warning(warning);
  to.records += from.records;
  to.anonymous_records += from.anonymous_records;
  for (std::size_t e = 0; e < kElementCount; ++e)
    to.fillers[e] += from.fillers[e];
  persons().append(next.persons);
  return true;
}

void Collector::find_programmes(std::string_view issuer) {
  issuer_ = issuer;
  issuers_programmes_.clear();
  for (const ProgrammeIdentifier& programme : rules_.programmes) {
    const bool is_its =
        std::any_of(programme.issuers.begin(), programme.issuers.end(),
                    [&](const std::string& name) { return contains_ignoring_case(issuer, name); });
    if (is_its) issuers_programmes_.push_back(&programme);
  }
}

std::string_view Collector::programme_label(std::string_view issuer, std::string_view value) {
  if (issuer.empty()) return {};
  if (issuer != issuer_) find_programmes(issuer);
  for (const ProgrammeIdentifier* programme : issuers_programmes_) {
    if (fits_pattern(programme->pattern, value)) return programme->name;
  }
  return {};
}

}  // namespace bulkhead::exposure
