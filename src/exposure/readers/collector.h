// Where readers put what they find in one file: the person table and the report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exposure/exposure.h"

namespace bulkhead::exposure {

class Collector {
 public:
  Collector(FileFindings& findings, const Rules& rules) : findings_(findings), rules_(rules) {}

  PersonTable& persons() { return findings_.persons; }
  FileReport& report() { return findings_.report; }
  const Rules& rules() const { return rules_; }

  // Bytes that nobody understood. Adds up by reason; `reason` is one of a few fixed texts or holds
  // a bounded code.
  void not_understood(std::uint64_t offset, std::uint64_t bytes, std::string_view reason);
  // Damage that cost no bytes. No values in `what`.
  void warn(std::uint64_t offset, std::string_view what);
  void filler(Element element) { ++findings_.report.fillers[static_cast<std::size_t>(element)]; }

  // As if this had found what the file's next part holds. False where that cannot be said exactly:
  // more reasons or formats than are listed.
  bool append(const FileFindings& next);

  // The programme whose number `value` is, by the issuer's name; "" where it is nobody's.
  std::string_view programme_label(std::string_view issuer, std::string_view value);

 private:
  void find_programmes(std::string_view issuer);
  void push_warning(std::string text);
  void note(const NotUnderstood& part);

  FileFindings& findings_;
  const Rules& rules_;
  // Of the issuer that was asked for last: files name one for many members.
  std::string issuer_;
  std::vector<const ProgrammeIdentifier*> issuers_programmes_;
};

// What a file of several formats is called: "x12-837p+x12-835". Bounded.
void add_format(std::string_view format, std::string& formats);

}  // namespace bulkhead::exposure
