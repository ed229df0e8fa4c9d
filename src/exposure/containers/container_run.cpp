#include "exposure/containers/container_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "exposure/readers/collector.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxName = 512;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Bytes of the UTF-8 character that `text` begins with; 0 where it is none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool beyond = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
  return overlong || beyond ? 0 : length;
}

}  // namespace

std::string shown_member_name(std::string_view name) {
  while (name.starts_with("./") || name.starts_with("/"))
    name.remove_prefix(name.starts_with("./") ? 2 : 1);
  std::string shown;
  while (!name.empty() && shown.size() < kMaxName) {
    const std::size_t length = utf8_length(name);
    const auto first = static_cast<unsigned char>(name[0]);
    if (length == 0 || first < 0x20 || first == 0x7F) {
      shown += kReplacement;
      name.remove_prefix(1);
    } else {
      shown += name.substr(0, length);
      name.remove_prefix(length);
    }
  }
  if (!name.empty()) shown += "…";
  return shown.empty() ? "content" : shown;
}

std::string MemberNames::unique(std::string name) {
  const unsigned count = ++count_[name];
  if (count > 1) name += fmt::format("#{}", count);
  return name;
}

Place Place::inside(std::string_view member) const {
  return {.name = name.empty() ? std::string(member) : name + "!" + std::string(member),
          .hint = hint + "/" + std::string(member),
          .depth = depth + 1};
}

Status ContainerRun::add(ByteSource& source, const Place& place, const Layouts& layouts,
                         const std::function<Status(FileReport&)>& amend) {
  const std::size_t at = members_.size();
  members_.push_back({place.name, {}});  // before those that lie in it
  BH_TRY(FileFindings findings, analyse_(source, place, layouts, *this));
  if (amend) BH_CHECK(amend(findings.report));
  members_[at].findings = std::move(findings);
  return {};
}

Status ContainerRun::add_read(const Place& place, std::uint64_t bytes,
                              const std::function<Status(Collector&)>& read) {
  const std::size_t at = members_.size();
  members_.push_back({place.name, {}});
  FileFindings findings;
  findings.report.bytes = bytes;
  findings.report.rules_version = rules.version();
  Collector collector(findings, rules);
  BH_CHECK(read(collector));
  findings.report.bytes_not_understood =
      std::min(findings.report.bytes_not_understood, findings.report.bytes);
  members_[at].findings = std::move(findings);
  return {};
}

void ContainerRun::add_unread(const Place& place, std::uint64_t bytes, std::string_view reason) {
  FileReport report{.format = "unknown", .recognised_by = std::string(reason)};
  report.bytes = report.bytes_not_understood = bytes;
  report.not_understood.push_back({std::string(reason), bytes, 1, 0});
  report.rules_version = rules.version();
  members_.push_back({place.name, {.report = std::move(report)}});
}

}  // namespace bulkhead::exposure
