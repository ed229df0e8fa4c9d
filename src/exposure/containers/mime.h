// Mail as it is written: header fields (RFC 5322), parts and how they are encoded (RFC 2045 to
// 2047, 2231). Views into the message; hostile input, linear time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::exposure {

struct MimeField {
  std::string_view name;
  std::string_view value;  // folded, as it stands
};

// What a header says of the body behind it.
struct MimeHeader {
  std::vector<MimeField> fields;
  std::string_view body;

  std::string_view value(std::string_view name) const;  // of the first of that name; ""
  std::string type() const;      // "text/plain" in lower case; that where it says none
  std::string encoding() const;  // "base64"…, in lower case
  // Of Content-Type, decoded; "" where there is none.
  std::string parameter(std::string_view name) const;
  std::string file_name() const;
};
MimeHeader read_header(std::string_view entity);

// The parts of a multipart's body. `closed` false: its end is missing.
struct MimeParts {
  std::vector<std::string_view> parts;
  bool closed = false;
};
MimeParts split_parts(std::string_view body, std::string_view boundary, std::size_t most);

// Nothing where it needs none.
std::optional<std::string> decoded_body(std::string_view body, std::string_view encoding);
// =?charset?B?…?= as UTF-8, as far as the charset is UTF-8 or Latin.
std::string decoded_words(std::string_view text);

// First lines that are a mail's.
bool looks_like_mail(std::string_view head);
// A "From " line that begins a mail in a mailbox, and what is behind it; npos where it is none.
std::size_t mailbox_line(std::string_view text);

}  // namespace bulkhead::exposure
