#include "https/request_head.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"
#include "https/limits.h"

namespace bulkhead::https {
namespace {

using Refused = std::unexpected<Refusal>;

Refused refuse(int status, std::string why) {
  return Refused(Refusal{status, std::move(why)});
}

// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_alnum(c) || kOthers.find(c) != std::string_view::npos;
  });
}

std::string lower(std::string_view text) {
  std::string low(text);
  for (char& c : low) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return low;
}

std::string_view without_blanks_around(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// A name or an address, and perhaps a port: what goes into nothing but comparisons.
bool is_host(std::string_view text) {
  constexpr std::string_view kOthers = ".-:[]_";
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [&](char c) {
    return is_alnum(c) || kOthers.find(c) != std::string_view::npos;
  });
}

std::expected<void, Refusal> read_request_line(const std::string& line, RequestHead& head) {
  const auto first = line.find(' ');
  const auto second = first == std::string::npos ? first : line.find(' ', first + 1);
  if (second == std::string::npos || line.find(' ', second + 1) != std::string::npos)
    return refuse(400, "the request line is not method, target and version");
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, second - first - 1);
  const std::string_view version = std::string_view(line).substr(second + 1);
  if (!is_token(head.method) || head.method.size() > kMaxMethodBytes)
    return refuse(400, "the method is not a token");
  if (version != "HTTP/1.1") {
    const bool other = version.size() == 8 && version.starts_with("HTTP/");
    return refuse(other ? 505 : 400, "only HTTP/1.1 is spoken here");
  }
  // RFC 9112 section 3.2.2: the absolute form says the host as well, and says it last.
  if (lower(head.target.substr(0, 8)) == "https://") {
    const auto path = std::min(head.target.find('/', 8), head.target.size());
    head.host = head.target.substr(8, path - 8);
    head.target.erase(0, path);
    if (head.target.empty()) head.target = "/";
    if (!is_host(head.host)) return refuse(400, "the target's host is not one");
  }
  if (!head.target.starts_with('/')) return refuse(400, "the target is not a path");
  if (!std::ranges::all_of(head.target, [](char c) { return c > ' ' && c <= '~'; }))
    return refuse(400, "the target has characters that must be written as %XX");
  return {};
}

std::expected<void, Refusal> read_field(const std::string& line, RequestHead& head) {
  const auto colon = line.find(':');
  // A blank before the colon, or at the start of a line (a folded one), is what two readers take
  // for two things (RFC 9112 sections 5.1 and 5.2).
  if (colon == std::string::npos || !is_token(std::string_view(line).substr(0, colon)))
    return refuse(400, "a header line is not a name, a colon and a value");
  if (head.fields.size() == kMaxFields) return refuse(431, "too many header lines");
  head.fields.push_back(
      {lower(line.substr(0, colon)),
       std::string(without_blanks_around(std::string_view(line).substr(colon + 1)))});
  return {};
}

std::expected<const std::string*, Refusal> only(const RequestHead& head, std::string_view name) {
  const std::string* found = nullptr;
  for (const Field& field : head.fields) {
    if (field.name != name) continue;
    if (found != nullptr) return refuse(400, std::string(name) + " stands there twice");
    found = &field.value;
  }
  return found;
}

// RFC 9112 section 6: one framing, and that one written in one way.
std::expected<void, Refusal> read_framing(RequestHead& head) {
  const auto length = only(head, "content-length");
  if (!length) return Refused(length.error());
  const auto encoding = only(head, "transfer-encoding");
  if (!encoding) return Refused(encoding.error());
  if (*length != nullptr && *encoding != nullptr)
    return refuse(400, "Content-Length and Transfer-Encoding exclude each other");
  if (*encoding != nullptr) {
    if (lower(**encoding) != "chunked")
      return refuse(501, "of transfer encodings there is only chunked here");
    head.chunked = true;
  }
  if (*length == nullptr) return {};
  const std::string& text = **length;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    return refuse(400, "Content-Length is not a number");
  if (value > kMaxFileBytes) return refuse(413, "no file can be so large");
  head.content_length = value;
  return {};
}

std::expected<void, Refusal> read_host(RequestHead& head) {
  const auto host = only(head, "host");
  if (!host) return Refused(host.error());
  if (*host == nullptr || !is_host(**host)) return refuse(400, "Host is missing, or is not one");
  if (head.host.empty()) head.host = **host;
  return {};
}

std::expected<void, Refusal> read_options(RequestHead& head) {
  for (const Field& field : head.fields) {
    if (field.name == "connection") {
      std::string_view rest = field.value;
      while (!rest.empty()) {
        const auto comma = std::min(rest.find(','), rest.size());
        if (lower(without_blanks_around(rest.substr(0, comma))) == "close") head.close = true;
        rest.remove_prefix(std::min(comma + 1, rest.size()));
      }
    } else if (field.name == "expect") {  // RFC 9110 section 10.1.1
      if (lower(field.value) != "100-continue") return refuse(417, "that cannot be expected here");
      head.expects_continue = true;
    } else if (field.name == "content-encoding" && lower(field.value) != "identity") {
      return refuse(415, "contents are stored as they are: send them without Content-Encoding");
    }
  }
  return {};
}

}  // namespace

const std::string* RequestHead::field(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &found->value;
}

std::expected<RequestHead, Refusal> read_request_head(const std::vector<std::string>& lines) {
  RequestHead head;
  if (lines.empty()) return refuse(400, "there is no request");
  if (auto done = read_request_line(lines.front(), head); !done) return Refused(done.error());
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (auto done = read_field(lines[i], head); !done) return Refused(done.error());
  }
  for (auto* part : {&read_host, &read_framing, &read_options}) {
    if (auto done = part(head); !done) return Refused(done.error());
  }
  return head;
}

}  // namespace bulkhead::https
