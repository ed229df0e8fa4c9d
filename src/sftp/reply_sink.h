// Where replies are built: the outgoing side of the SSH channel, seen from here.
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace bulkhead::sftp {

// The server works on a request only while may_continue(), so what a sink holds is bounded by the
// mark at which it says no plus one reply (kMaxReplyBytes in limits.h).
class ReplySink {
 public:
  virtual ~ReplySink() = default;

  // False while so much waits to be sent that the server should not add to it.
  virtual bool may_continue() const = 0;
  // Room for at least that many bytes (at most kMaxReplyBytes), contiguous, behind what was
  // committed before. Valid until commit(); contents are not initialised. A second reserve()
  // without a commit() between takes its place.
  virtual MutableByteView reserve(std::size_t at_least) = 0;
  // The first `size` bytes of what was reserved last are to be sent.
  virtual void commit(std::size_t size) = 0;
};

}  // namespace bulkhead::sftp
