#include "https/request_reader.h"

#include <algorithm>
#include <charconv>

#include "https/limits.h"

namespace bulkhead::https {

RequestReader::Step RequestReader::refuse(int status, std::string why, std::size_t taken) {
  state_ = State::kRefused;
  refusal_ = {status, std::move(why)};
  head_ = {};
  head_.close = true;
  return {Event::kRefused, taken, {}};
}

// A refusal is left in state_.
std::size_t RequestReader::take_line(ByteView input, std::size_t most_bytes, int too_long) {
  std::size_t taken = 0;
  while (taken < input.size()) {
    const Byte byte = input[taken++];
    const bool after_cr = !line_.empty() && line_.back() == '\r';
    if (byte == '\n' && after_cr) {
      line_.pop_back();
      line_complete_ = true;
      return taken;
    }
    if (after_cr || (byte < ' ' && byte != '\t' && byte != '\r') || byte == 0x7f) {
      refuse(400, "there is a control character, or a line does not end with CR LF", taken);
      return taken;
    }
    if (++lines_bytes_ > most_bytes) {
      refuse(too_long, "it is too long", taken);
      return taken;
    }
    line_.push_back(static_cast<char>(byte));
  }
  return taken;
}

RequestReader::Step RequestReader::head_line(std::size_t taken) {
  line_complete_ = false;
  if (!line_.empty()) {
    lines_.push_back(std::move(line_));
    line_.clear();
    return {Event::kMore, taken, {}};
  }
  auto head = read_request_head(lines_);
  lines_.clear();
  lines_bytes_ = 0;
  if (!head) return refuse(head.error().status, head.error().why, taken);
  head_ = std::move(*head);
  chunked_bytes_ = 0;
  remaining_ = head_.content_length.value_or(0);
  state_ = head_.chunked ? State::kChunkSize : remaining_ > 0 ? State::kContent : State::kEnd;
  return {Event::kHead, taken, {}};
}

// RFC 9112 section 7.1: a size in hexadecimal, then extensions, which are ignored.
RequestReader::Step RequestReader::chunk_size_line(std::size_t taken) {
  line_complete_ = false;
  lines_bytes_ = 0;
  std::uint64_t size = 0;
  const char* const end = line_.data() + line_.size();
  const auto [at, error] = std::from_chars(line_.data(), end, size, 16);
  const bool good = error == std::errc() && (at == end || *at == ';') && at - line_.data() <= 16;
  line_.clear();
  if (!good) return refuse(400, "the size of a chunk is not one", taken);
  chunked_bytes_ += size;
  if (size > kMaxFileBytes || chunked_bytes_ > kMaxFileBytes)
    return refuse(413, "no file can be so large", taken);
  remaining_ = size;
  state_ = size == 0 ? State::kTrailer : State::kChunk;
  return {Event::kMore, taken, {}};
}

RequestReader::Step RequestReader::take_content(ByteView input, State then) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
  if (size == 0) return {};
  remaining_ -= size;
  if (remaining_ == 0) state_ = then;
  return {Event::kContent, size, input.first(size)};
}

RequestReader::Step RequestReader::next(ByteView input) {
  std::size_t taken = 0;
  // Each turn takes a line or content, or returns.
  while (true) {
    const ByteView rest = input.subspan(taken);
    switch (state_) {
      case State::kRefused:
        return {Event::kRefused, taken, {}};
      case State::kEnd:
        state_ = State::kStart;
        return {Event::kEnd, taken, {}};
      case State::kContent:
      case State::kChunk: {
        Step step = take_content(rest, state_ == State::kChunk ? State::kChunkEnd : State::kEnd);
        step.taken += taken;
        return step;
      }
      default:
        break;
    }
    if (rest.empty()) return {Event::kMore, taken, {}};
    if (state_ == State::kStart) state_ = State::kHead;
    const bool request_line = state_ == State::kHead && lines_.empty();
    const std::size_t most = state_ == State::kHead
                                 ? (request_line ? kMaxRequestLineBytes : kMaxHeaderBytes)
                             : state_ == State::kTrailer ? kMaxTrailerBytes
                                                         : kMaxChunkLineBytes;
    taken += take_line(rest, most, request_line ? 414 : state_ == State::kHead ? 431 : 400);
    if (state_ == State::kRefused) return {Event::kRefused, taken, {}};
    if (!line_complete_) return {Event::kMore, taken, {}};
    Step step{Event::kMore, taken, {}};
    if (state_ == State::kHead) {
      step = head_line(taken);
    } else if (state_ == State::kChunkSize) {
      step = chunk_size_line(taken);
    } else {
      // The end of a chunk is an empty line; trailers are passed over, up to theirs.
      const bool empty = line_.empty();
      line_.clear();
      line_complete_ = false;
      if (state_ == State::kChunkEnd) {
        lines_bytes_ = 0;
        if (!empty) return refuse(400, "a chunk is longer than it says", taken);
        state_ = State::kChunkSize;
      } else if (empty) {
        lines_bytes_ = 0;
        state_ = State::kEnd;
      }
    }
    if (step.event != Event::kMore) return step;
  }
}

}  // namespace bulkhead::https
