// Reads the data types of RFC 4251 section 5 from hostile bytes.
//
// The first thing that does not fit is remembered and everything after it reads as zero or empty,
// so that a message is read in the order of its definition and checked once, with finish(), before
// anything in it is believed. Views point into the bytes given; nothing is copied.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace bulkhead::sshwire {

class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  Byte byte();
  bool boolean();  // any value but 0 is true, as the RFC wants
  std::uint32_t uint32();
  std::uint64_t uint64();
  ByteView raw(std::size_t size);
  ByteView string(std::size_t limit_bytes = SIZE_MAX);
  std::string_view text(std::size_t limit_bytes = SIZE_MAX) { return as_text(string(limit_bytes)); }
  // Non-negative and minimally encoded, or it does not fit. Without the leading zero byte.
  ByteView unsigned_mpint(std::size_t limit_bytes = 2049);
  // US-ASCII names separated by commas (RFC 4251 section 5). The list may be empty. No name may be,
  // by the RFC, but libssh without DES ends its ciphers with a comma: an empty name is let through,
  // and is nobody's name.
  std::string_view name_list(std::size_t limit_bytes = 16384);

  bool ok() const { return problem_ == nullptr; }
  bool at_end() const { return rest_.empty(); }
  ByteView rest() const { return rest_; }
  // kMalformed if something did not fit or bytes are left over; `what` is named in the sentence.
  Status finish(std::string_view what) const;
  Status check(std::string_view what) const;  // the same, but bytes may be left over

 private:
  bool have(std::size_t size);
  void spoil(const char* problem);

  ByteView rest_;
  const char* problem_ = nullptr;
};

}  // namespace bulkhead::sshwire
