// The heads of answers (RFC 9112 section 4, RFC 9110).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace bulkhead::https {

struct AnswerHead {
  int status = 200;
  std::vector<std::pair<std::string_view, std::string>> fields;
  bool close = false;
};

// Up to the empty line. Every answer carries what keeps a browser from making more of it than it
// is: nothing is stored, sniffed, framed, run, or read by another origin's page.
std::string head_text(const AnswerHead& head, UnixMicros now);

// {"error":"…"}
std::string error_body(std::string_view why);

// The one table from our errors to statuses.
int status_of(ErrorCode code);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(std::int64_t unix_s);

}  // namespace bulkhead::https
