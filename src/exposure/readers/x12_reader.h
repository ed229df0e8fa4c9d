// A whole X12 file: interchanges, groups, transaction sets. Sets with a table are read, the others
// are recognised.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exposure/readers/byte_source.h"
#include "exposure/readers/collector.h"
#include "exposure/readers/part_feeder.h"
#include "exposure/readers/x12_set_reader.h"
#include "exposure/readers/x12_syntax.h"

namespace bulkhead::exposure {

Status read_x12(ByteSource& source, Collector& collector);

// The same by several threads. False: this file can only be read from the front (damage, nowhere to
// cut); then nothing was found, and read_x12() is to be asked.
Result<bool> read_x12_in_parts(ByteSource& source, Collector& collector, unsigned threads,
                               std::size_t part_bytes = PartFeeder::kPartBytes);

// What reading goes on from at a segment: at the start of a set or, inside of one, of a person.
struct X12State {
  std::optional<X12Delimiters> delimiters;  // nothing at the start of a file
  std::string functional, guide;            // of the group
  std::string_view set;                     // that is open, and is read; empty: none
  X12SetReader::Header header;              // of that set
  bool operator==(const X12State&) const = default;
};

// Reads a part that others follow, and says in which state they begin. Nothing where that is not
// all that they have to know.
std::optional<X12State> read_x12_part(std::string_view part, std::uint64_t offset,
                                      const X12State& state, Collector& collector);
Status read_last_x12_part(std::string_view part, std::uint64_t offset, const X12State& state,
                          Collector& collector);

// The segment at which such a set may be cut; empty: none, or the set is not read.
std::string_view x12_set_splits_at(std::string_view set);

}  // namespace bulkhead::exposure
