// From the findings of many files to distinct persons and totals.
#include <algorithm>

#include "exposure/exposure.h"
#include "exposure/resolve/resolved_persons.h"

namespace bulkhead::exposure {
namespace {

// Where nothing of a kind was read that could tell, a person's record is taken to be this long.
constexpr double kBytesPerPerson = 500.0;

// Persons by role in the bytes that nobody understood, from the density of those that were.
void add_estimate(Exposure& exposure) {
  double understood = 0;
  double missing = 0;
  for (const FileSummary& file : exposure.files) {
    const double lost = static_cast<double>(file.report.bytes_not_understood);
    missing += lost;
    if (file.report.read) understood += static_cast<double>(file.report.bytes) - lost;
  }
  if (missing <= 0) return;
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    const double found = static_cast<double>(exposure.roles[role].count);
    double density = understood > 0 ? found / understood : 0;
    if (density <= 0 && role == static_cast<std::size_t>(Role::kMember))
      density = 1 / kBytesPerPerson;
    exposure.roles[role].upper += static_cast<std::uint64_t>(missing * density + 0.999);
  }
}

void add_fillers(Exposure& exposure) {
  for (const FileSummary& file : exposure.files) {
    for (std::size_t e = 0; e < kElementCount; ++e)
      exposure.fillers[e] += file.report.fillers[e];
  }
}

FileSummary summary_of(UnreadFile unread) {
  FileSummary summary{.file = unread.file, .outermost = std::move(unread.file)};
  summary.report.format = "unknown";
  summary.report.recognised_by = unread.reason;
  summary.report.bytes = summary.report.bytes_not_understood = unread.bytes;
  summary.report.not_understood.push_back({std::move(unread.reason), summary.report.bytes, 1, 0});
  return summary;
}

// Each member as a file of its own, behind what holds it. Says of each which file it came in.
std::vector<NamedFindings> with_members(std::vector<NamedFindings> files,
                                        std::vector<std::string>& outermost) {
  std::vector<NamedFindings> flat;
  flat.reserve(files.size());
  for (NamedFindings& file : files) {
    std::vector<MemberFindings> members = std::move(file.findings.members);
    file.findings.members.clear();
    const std::string name = file.file;
    flat.push_back(std::move(file));
    outermost.push_back(name);
    for (MemberFindings& member : members) {
      flat.push_back({name + "!" + member.name, std::move(member.findings)});
      outermost.push_back(name);
    }
  }
  return flat;
}

}  // namespace

bool FileFindings::complete() const {
  return report.complete() &&
         std::all_of(members.begin(), members.end(), [](const MemberFindings& member) {
           return member.findings.report.complete();
         });
}

std::uint64_t FileFindings::bytes_not_understood() const {
  std::uint64_t bytes = report.bytes_not_understood;
  for (const MemberFindings& member : members) {
    if (__builtin_add_overflow(bytes, member.findings.report.bytes_not_understood, &bytes))
      return UINT64_MAX;
  }
  return bytes;
}

bool Exposure::complete() const {
  return std::all_of(files.begin(), files.end(),
                     [](const FileSummary& file) { return file.report.complete(); });
}

std::string_view to_string(Identifiable identifiable) {
  switch (identifiable) {
    case Identifiable::kNamed:
      return "named";
    case Identifiable::kNumberOnly:
      return "number_only";
    case Identifiable::kPseudonymous:
      return "pseudonymous";
  }
  return "pseudonymous";
}

Resolution::Resolution(std::vector<NamedFindings> given, std::vector<UnreadFile> unread,
                       const ResolveOptions& options)
    : totals_(std::make_unique<Exposure>()) {
  std::vector<std::string> outermost;
  std::vector<NamedFindings> files = with_members(std::move(given), outermost);
  for (std::size_t i = 0; i < files.size(); ++i) {
    totals_->files.push_back({.file = files[i].file,
                              .outermost = std::move(outermost[i]),
                              .report = std::move(files[i].findings.report),
                              .elements = {}});
  }
  for (UnreadFile& file : unread)
    totals_->files.push_back(summary_of(std::move(file)));
  resolved_ = std::make_unique<ResolvedPersons>(std::move(files), options, *totals_);
  if (options.roster) {
    RosterTotals& roster = totals_->roster;
    const std::vector<bool> absent = resolved_->enrolled_only();
    roster.given = true;
    roster.file = options.roster->file();
    roster.enrolled = absent.size();
    roster.enrolled_in_files =
        static_cast<std::uint64_t>(std::count(absent.begin(), absent.end(), false));
  }
  add_fillers(*totals_);
  add_estimate(*totals_);
}

Resolution::Resolution(Resolution&&) noexcept = default;
Resolution& Resolution::operator=(Resolution&&) noexcept = default;
Resolution::~Resolution() = default;

Status Resolution::write_enrolled_only(const std::string& path) const {
  if (resolved_->roster() == nullptr)
    return fail(ErrorCode::kInvalidArgument, "there is no roster: give one with --roster");
  return resolved_->roster()->write(resolved_->enrolled_only(), path);
}

std::size_t Resolution::size() const {
  return resolved_->size();
}

Person Resolution::person(std::size_t index) const {
  PersonBuilder builder = resolved_->builder();
  return owned(resolved_->build(index, builder));
}

Exposure resolve(std::vector<NamedFindings> files, std::vector<UnreadFile> unread,
                 const ResolveOptions& options) {
  const Resolution resolution(std::move(files), std::move(unread), options);
  Exposure exposure = resolution.totals();
  PersonBuilder builder = resolution.resolved().builder();
  exposure.persons.reserve(resolution.size());
  for (std::size_t i = 0; i < resolution.size(); ++i)
    exposure.persons.push_back(owned(resolution.resolved().build(i, builder)));
  return exposure;
}

}  // namespace bulkhead::exposure
