// What must hold for any file, whatever is in it.
#pragma once

#include <cstdlib>

#include "exposure/exposure.h"

namespace bulkhead::exposure::fuzz {

inline void check(bool holds) {
  if (!holds) std::abort();
}

// Nothing is claimed that cannot be shown.
inline void check_evidence(const FileFindings& findings) {
  const PersonTable& persons = findings.persons;
  check(findings.report.bytes_not_understood <= findings.report.bytes);
  for (std::uint32_t i = 0; i < persons.size(); ++i) {
    ElementSet shown;
    for (const Evidence& place : persons.evidence(i)) {
      check(place.offset + place.length <= findings.report.bytes);
      shown.add(place.element);
    }
    check(shown == persons.row(i).elements);
  }
}

inline void analyse_anything(ByteView bytes, const Layouts& layouts = {},
                             const ContainerLimits& limits = {}) {
  static const Rules rules = default_rules();
  MemorySource source(bytes);
  auto findings = analyse(source, "conditions.csv", rules, layouts, 1, limits);
  check(findings.has_value());  // memory never fails to be read
  const FileReport& report = findings->report;
  check(report.bytes == bytes.size());
  check(report.read || report.bytes_not_understood > 0);
  check_evidence(*findings);
  std::size_t rows = findings->persons.size();
  for (const MemberFindings& member : findings->members) {
    check_evidence(member.findings);
    rows += member.findings.persons.size();
  }
  // What an analyst writes, an officer can read.
  const Bytes encoded = encode(*findings);
  auto decoded = decode(encoded);
  check(decoded.has_value() && encode(*decoded) == encoded);
  std::vector<NamedFindings> files;
  files.push_back({"f", std::move(*decoded)});
  const Exposure exposure = resolve(std::move(files), {}, {.as_of = "2026-11-24"});
  check(exposure.persons.size() <= rows);
  persons_ndjson(exposure);
  summary_json(exposure);
}

}  // namespace bulkhead::exposure::fuzz
