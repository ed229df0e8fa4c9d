// Which layout fits a file, and what each of its records is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exposure/layouts/field_plausibility.h"
#include "exposure/layouts/record_layout.h"

namespace bulkhead::exposure {

// Bytes of a record that tell its kind.
struct Discriminator {
  std::uint32_t at = 0, length = 0;
  std::string name;
};

// A layout tied to one file.
struct LayoutFit {
  LayoutPtr layout;
  CodePage page = CodePage::kAscii;
  Framing framing = Framing::kFixed;
  bool with_prefix = false;  // the layout's first fields are the record's length
  std::uint32_t record_length = 0;
  bool shifting = true;  // what follows a short table moves up
  std::optional<Discriminator> discriminator;
  std::string scope;      // where the file's own keys (customer numbers) mean the same: its folder
  double fit = 0;         // 0 to 1
  std::size_t known = 0;  // fields whose meaning is known
};

// What a set of records of one kind looks like under one layout.
struct KindOfRecord {
  std::vector<std::uint16_t> chosen;  // the alternative of each choice
  std::vector<FieldStatistics> statistics;
  double fit = 0;

  bool active(const LayoutField& field) const;
};
// The alternative of choice 0 that the layout itself names for a record; nothing where it names
// none.
std::optional<std::uint16_t> rule_of(const LayoutFit& with, std::string_view record);

KindOfRecord judge_records(const LayoutFit& with, const std::vector<std::string_view>& records);

// The best of `layouts` for a file that starts with `head`; nothing where none reaches `least`.
// Equal fits: the one with more fields of known meaning, then the earlier one. `ebcdic`: the bytes
// are EBCDIC by their frequencies. Its blanks are '@' in ASCII, so ASCII would fit any text fields.
std::optional<LayoutFit> best_fit(const std::vector<LayoutPtr>& layouts, std::string_view head,
                                  std::uint64_t file_size, double least, bool ebcdic);

}  // namespace bulkhead::exposure
