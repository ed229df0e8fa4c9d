// The members of one archive, by libarchive: headers and contents one after the other, nothing of
// it on disk. Hostile input throughout: the process that calls this belongs into a sandbox.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exposure/readers/byte_source.h"

struct archive;
struct archive_entry;

namespace bulkhead::exposure {

struct ArchiveFormat;
// By what sniff() calls it ("zip", "7z", "gzip"…); null where it is no archive that is read.
const ArchiveFormat* archive_format(std::string_view name);

// Compressed data without a name: one member.
bool format_is_single(const ArchiveFormat& format);

struct ArchiveEntry {
  enum class What { kFile, kFolder, kLink, kOther };
  std::string name;  // as it stands in the archive, or "" where it has none
  What what = What::kFile;
  bool encrypted = false;
  std::optional<std::uint64_t> bytes;  // what the archive says; may be a lie
};

class ArchiveStream {
 public:
  // kMember: this member cannot be read (on), the next may. kArchive: nor can what follows.
  enum class Outcome { kOk, kEnd, kMember, kArchive };

  // `source` outlives it, and is asked for any offset where it allows that.
  ArchiveStream(ByteSource& source, const ArchiveFormat& format);
  ArchiveStream(const ArchiveStream&) = delete;
  ~ArchiveStream();

  // Errors are the source's.
  Result<Outcome> next(ArchiveEntry& entry);
  // Fills `into` as far as the member goes; kEnd with count 0 behind it. Bytes that came before a
  // fault are counted together with the fault.
  Result<Outcome> read(MutableByteView into, std::size_t& count);

  // Why the last outcome was neither kOk nor kEnd: a clause.
  const std::string& why() const { return why_; }
  std::uint64_t position() const { return position_; }  // in the source, of what was read last
  bool single() const { return format_is_single(format_); }
  bool solid() const;  // to pass over a member costs as much as to read it

  struct Callbacks;

 private:
  Outcome outcome_of(int code);
  Result<Outcome> checked(Outcome outcome);
  Result<bool> is_gzip_of_nothing();

  ByteSource& source_;
  const ArchiveFormat& format_;
  struct archive* archive_;
  Bytes block_;
  std::uint64_t position_ = 0;
  std::optional<Error> source_error_;
  std::string why_;
  int opened_;
};

// Loads what libraries look up when they need it first (locales, conversions): later, in a sandbox,
// they cannot.
void prepare_archives();

}  // namespace bulkhead::exposure
