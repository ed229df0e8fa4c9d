// The head of a request as HTTP/1.1 has it (RFC 9112), in the one way in which it is read here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bulkhead::https {

struct Field {
  std::string name;  // in lower case
  std::string value;
};

struct RequestHead {
  std::string method;
  std::string target;  // from its '/' on (RFC 9112 section 3.2.1)
  std::string host;
  std::vector<Field> fields;
  // How the content is framed: by exactly one of these, or there is none.
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool close = false;  // the client sends nothing after this request
  bool expects_continue = false;

  bool has_content() const { return chunked || content_length.value_or(0) != 0; }
  // nullptr: not there. Of several, the first; where that would matter the request was refused.
  const std::string* field(std::string_view name) const;
};

// A request that is not taken: a status and a sentence for the client, after which the connection
// closes. Nothing behind it is read: where it ends is what the two sides might not agree on.
struct Refusal {
  int status = 400;
  std::string why;
};

// `lines` are the head's, without their CR LF, the first one the request line; in all of them there
// is no control character but the horizontal tab.
std::expected<RequestHead, Refusal> read_request_head(const std::vector<std::string>& lines);

}  // namespace bulkhead::https
