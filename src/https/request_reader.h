// Reads the requests of one connection (RFC 9112), without I/O: bytes in, events out. However they
// are cut into pieces, the same bytes are the same events.
//
// Hostile input. Strict where two readers could disagree about where a request ends: lines end with
// CR LF and nothing else, control characters are refused, a request has one framing. What is
// refused is the end: nothing is read behind it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "https/request_head.h"

namespace bulkhead::https {

class RequestReader {
 public:
  enum class Event {
    kMore,     // all was taken, and more is needed
    kHead,     // head() is there
    kContent,  // `content` is a piece of it
    kEnd,      // of the request; the next byte is of the next one
    kRefused,  // refusal() says why
  };
  struct Step {
    Event event = Event::kMore;
    std::size_t taken = 0;  // bytes of the input that are done with
    ByteView content;       // in the input
  };
  // One event. `input` starts with what was not taken before.
  Step next(ByteView input);

  const RequestHead& head() const { return head_; }
  const Refusal& refusal() const { return refusal_; }
  // In the middle of a request, from its first byte to its end.
  bool within_request() const { return state_ != State::kStart; }
  bool within_head() const { return state_ == State::kHead; }

 private:
  enum class State {
    kStart,      // nothing of the request yet
    kHead,       // lines up to the empty one
    kContent,    // remaining_ bytes, then the end
    kChunkSize,  // a line
    kChunk,      // remaining_ bytes
    kChunkEnd,   // the CR LF behind them
    kTrailer,    // lines up to the empty one
    kEnd,        // to be told
    kRefused,
  };

  Step refuse(int status, std::string why, std::size_t taken);
  // Takes bytes into line_, until it is complete; then line_complete_.
  std::size_t take_line(ByteView input, std::size_t most_bytes, int too_long);
  Step head_line(std::size_t taken);
  Step chunk_size_line(std::size_t taken);
  Step take_content(ByteView input, State then);

  State state_ = State::kStart;
  std::string line_;
  bool line_complete_ = false;
  std::size_t lines_bytes_ = 0;  // of the head, or the trailer, so far
  std::vector<std::string> lines_;
  std::uint64_t remaining_ = 0;
  std::uint64_t chunked_bytes_ = 0;
  RequestHead head_;
  Refusal refusal_;
};

}  // namespace bulkhead::https
