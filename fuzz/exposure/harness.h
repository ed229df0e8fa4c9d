// What must hold for any file, whatever is in it.
#pragma once

#include <cstdlib>

#include "exposure/exposure.h"

namespace bulkhead::exposure::fuzz {

inline void check(bool holds) {
  if (!holds) std::abort();
}

inline void analyse_anything(ByteView bytes, const Layouts& layouts = {}) {
  static const Rules rules = default_rules();
  MemorySource source(bytes);
  auto findings = analyse(source, "conditions.csv", rules, layouts);
  check(findings.has_value());  // memory never fails to be read
  const FileReport& report = findings->report;
  check(report.bytes == bytes.size() && report.bytes_not_understood <= bytes.size());
  check(report.read || report.bytes_not_understood > 0);
  const PersonTable& persons = findings->persons;
  for (std::uint32_t i = 0; i < persons.size(); ++i) {
    ElementSet shown;
    for (const Evidence& place : persons.evidence(i)) {
      check(place.offset + place.length <= bytes.size());
      shown.add(place.element);
    }
    check(shown == persons.row(i).elements);  // nothing is claimed that cannot be shown
  }
  // What an analyst writes, an officer can read.
  const Bytes encoded = encode(*findings);
  auto decoded = decode(encoded);
  check(decoded.has_value() && encode(*decoded) == encoded);
  std::vector<NamedFindings> files;
  files.push_back({"f", std::move(*decoded)});
  const Exposure exposure = resolve(std::move(files), {}, {.as_of = "2026-11-24"});
  check(exposure.persons.size() <= persons.size());
  persons_ndjson(exposure);
  summary_json(exposure);
}

}  // namespace bulkhead::exposure::fuzz
