// NCPDP's outer syntax: transmissions, batches, separators. Knows nothing of what a field means.
//
// Real files: a transmission alone, one a line, one behind the other, batches (1.2) with STX and
// ETX, segments with and without FS before "AM", zeros written as U+00D8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exposure/readers/block_window.h"
#include "exposure/readers/collector.h"

namespace bulkhead::exposure {

inline constexpr char kNcpdpStx = 0x02, kNcpdpEtx = 0x03, kNcpdpField = 0x1C, kNcpdpGroup = 0x1D,
                      kNcpdpSegment = 0x1E;

// Zeros as zeros: pharmacies print them with a stroke, and some write them so (Latin-1 or UTF-8).
std::string ncpdp_plain(std::string_view text);
bool ncpdp_has_stroked_zero(std::string_view text);

// A transmission's header, which is fixed (NCPDP D.0, transaction header segment).
struct NcpdpHeader {
  bool response = false;
  std::string bin, processor, provider;  // who pays, whose pharmacy
  std::size_t date_at = 0;               // of the date of service; 0: there is none
  std::size_t size = 0;                  // bytes of the header
};
// From plain text that starts with one. Nothing where it does not.
std::optional<NcpdpHeader> ncpdp_header(std::string_view plain);
// Where a request's header begins in `plain`, behind its first byte; npos: nowhere.
std::size_t find_ncpdp_header(std::string_view plain);
// What the first bytes of a file say.
bool looks_like_ncpdp(std::string_view head);

// The bytes between two separators.
struct NcpdpPiece {
  char separator = 0;  // that stands before; 0 at the start of the file
  std::string_view text;
  std::uint64_t offset = 0;
};

class NcpdpScanner {
 public:
  NcpdpScanner(ByteSource& source, Collector& collector) : window_(source), collector_(collector) {}
  // False at the end of the file. The text is valid until the next call. A piece that is too long
  // is reported, and comes empty.
  Result<bool> next(NcpdpPiece& piece);

 private:
  Status skip_rest();

  BlockWindow window_;
  Collector& collector_;
};

}  // namespace bulkhead::exposure
