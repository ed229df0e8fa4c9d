#include "exposure/containers/mime.h"

#include <algorithm>
#include <map>

#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxFields = 1'000;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

// The line that `text` begins with, without its end; `text` is what follows.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// A field's name: printable, no blank (RFC 5322, 2.2). 0: the line is none.
std::size_t name_length(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return 0;
  const std::string_view name = trimmed(line.substr(0, colon));
  const bool good =
      std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  return good ? colon : 0;
}

int digit_of_base64(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int digit_of_hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// What is no digit is passed over (RFC 2045, 6.8); several encodings may follow each other.
std::string from_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  unsigned held = 0, bits = 0;
  for (const char c : text) {
    if (c == '=') held = bits = 0;
    const int digit = digit_of_base64(c);
    if (digit < 0) continue;
    held = held << 6 | static_cast<unsigned>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<char>(held >> bits));
    held &= (1U << bits) - 1;
  }
  return out;
}

// `mark`: before two digits; '=' in a body, '%' in a parameter.
std::string from_hex(std::string_view text, char mark, bool underscores = false) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == mark) {
      const int high = i + 1 < text.size() ? digit_of_hex(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? digit_of_hex(text[i + 2]) : -1;
      if (high >= 0 && low >= 0) {
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
      // A line that goes on (RFC 2045, 6.7); blanks at its end are not the writer's.
      std::size_t end = i + 1;
      while (end < text.size() && (text[end] == ' ' || text[end] == '\t' || text[end] == '\r'))
        ++end;
      if (end < text.size() && text[end] == '\n') {
        i = end;
        continue;
      }
    }
    out.push_back(underscores && c == '_' ? ' ' : c);
  }
  return out;
}

std::string to_utf8(std::string text, std::string_view charset) {
  const bool latin =
      same(charset, "iso-8859-1") || same(charset, "windows-1252") || same(charset, "iso-8859-15");
  if (!latin) return text;
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xC0 | byte >> 6));
      out.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
    }
  }
  return out;
}

std::string unfolded(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c != '\r' && c != '\n') out.push_back(c);
  }
  return std::string(trimmed(out));
}

// "a=b; c="d"" behind the first ';', by names in lower case.
std::map<std::string, std::string> parameters(std::string_view value) {
  std::map<std::string, std::string> found;
  const std::string text = unfolded(value);
  std::size_t at = text.find(';');
  while (at < text.size() && found.size() < kMaxFields) {
    const std::size_t equals = text.find('=', at + 1);
    if (equals == std::string::npos) break;
    const std::string name =
        lowered(trimmed(std::string_view(text).substr(at + 1, equals - at - 1)));
    std::size_t i = text.find_first_not_of(" \t", equals + 1);
    std::string content;
    if (i != std::string::npos && text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        content.push_back(text[i]);
      }
      at = text.find(';', i);
    } else {
      at = text.find(';', equals + 1);
      content = trimmed(std::string_view(text).substr(equals + 1, at - equals - 1));
    }
    found.emplace(name, std::move(content));
  }
  return found;
}

// charset'language'%-encoded (RFC 2231, 4).
std::string extended(std::string_view text) {
  const std::size_t first = text.find('\'');
  const std::size_t second = first == std::string_view::npos ? first : text.find('\'', first + 1);
  if (second == std::string_view::npos) return from_hex(text, '%');
  return to_utf8(from_hex(text.substr(second + 1), '%'), text.substr(0, first));
}

std::string parameter_of(std::string_view value, const std::string& name) {
  const auto all = parameters(value);
  if (const auto at = all.find(name + "*"); at != all.end()) return extended(at->second);
  if (const auto at = all.find(name); at != all.end()) return decoded_words(at->second);
  std::string whole;  // in pieces (RFC 2231, 3)
  bool encoded = false;
  for (unsigned i = 0; i < kMaxFields; ++i) {
    const std::string piece = name + "*" + std::to_string(i);
    if (const auto at = all.find(piece); at != all.end()) {
      whole += at->second;
    } else if (const auto more = all.find(piece + "*"); more != all.end()) {
      encoded = true;
      whole += more->second;
    } else {
      break;
    }
  }
  return encoded ? extended(whole) : whole;
}

}  // namespace

MimeHeader read_header(std::string_view entity) {
  MimeHeader header;
  std::string_view rest = entity;
  while (!rest.empty()) {
    std::string_view behind = rest;
    const std::string_view line = take_line(behind);
    if (line.empty()) {
      rest = behind;
      break;
    }
    const bool folded = (line[0] == ' ' || line[0] == '\t') && !header.fields.empty();
    const std::size_t colon = folded ? 0 : name_length(line);
    if (folded) {
      MimeField& last = header.fields.back();
      last.value = {last.value.data(),
                    static_cast<std::size_t>(line.data() + line.size() - last.value.data())};
    } else if (colon > 0) {
      if (header.fields.size() < kMaxFields)
        header.fields.push_back({trimmed(line.substr(0, colon)), line.substr(colon + 1)});
    } else if (header.fields.empty()) {
      break;  // no header at all
    }
    rest = behind;
  }
  header.body = rest;
  return header;
}

std::string_view MimeHeader::value(std::string_view name) const {
  for (const MimeField& field : fields) {
    if (same(field.name, name)) return field.value;
  }
  return {};
}

std::string MimeHeader::type() const {
  const std::string text = lowered(unfolded(value("Content-Type")));
  const std::string first(trimmed(std::string_view(text).substr(0, text.find(';'))));
  return first.find('/') == std::string::npos ? "text/plain" : first;
}

std::string MimeHeader::encoding() const {
  const std::string text = lowered(unfolded(value("Content-Transfer-Encoding")));
  return std::string(trimmed(std::string_view(text).substr(0, text.find(';'))));
}

std::string MimeHeader::parameter(std::string_view name) const {
  return parameter_of(value("Content-Type"), std::string(name));
}

std::string MimeHeader::file_name() const {
  const std::string name = parameter_of(value("Content-Disposition"), "filename");
  return name.empty() ? parameter("name") : name;
}

MimeParts split_parts(std::string_view body, std::string_view boundary, std::size_t most) {
  MimeParts found;
  if (boundary.empty()) return found;
  const std::string mark = "--" + std::string(boundary);
  std::size_t begin = std::string_view::npos;  // of the part that is open
  for (std::size_t at = 0; found.parts.size() < most;) {
    at = body.find(mark, at);
    if (at == std::string_view::npos) break;
    const std::size_t behind = at + mark.size();
    const bool at_line = at == 0 || body[at - 1] == '\n';
    const bool close = body.substr(behind, 2) == "--";
    const std::size_t line_end = std::min(body.find('\n', behind), body.size());
    const std::size_t word_end = behind + (close ? 2 : 0);
    // Another boundary may begin with this one.
    const bool ours = at_line && trimmed(body.substr(word_end, line_end - word_end)).empty();
    if (!ours) {
      at = behind;
      continue;
    }
    if (begin != std::string_view::npos) {
      std::size_t end = at > begin ? at - 1 : begin;  // the line's end belongs to the boundary
      if (end > begin && body[end - 1] == '\r') --end;
      found.parts.push_back(body.substr(begin, end - begin));
    }
    begin = std::min(line_end + 1, body.size());
    at = line_end;
    if (close) {
      found.closed = true;
      return found;
    }
  }
  if (begin != std::string_view::npos && found.parts.size() < most)
    found.parts.push_back(body.substr(begin));
  return found;
}

std::optional<std::string> decoded_body(std::string_view body, std::string_view encoding) {
  if (encoding == "base64") return from_base64(body);
  if (encoding == "quoted-printable") return from_hex(body, '=');
  return std::nullopt;
}

std::string decoded_words(std::string_view text) {
  std::string out;
  std::size_t behind_word = std::string::npos;  // in `out`, of the last encoded word
  while (!text.empty()) {
    const std::size_t at = text.find("=?");
    if (at == std::string_view::npos) break;
    const std::size_t charset_end = text.find('?', at + 2);
    const bool whole = charset_end != std::string_view::npos && charset_end + 2 < text.size() &&
                       text[charset_end + 2] == '?';
    const std::size_t end = whole ? text.find("?=", charset_end + 3) : std::string_view::npos;
    if (end == std::string_view::npos) {
      out += text.substr(0, at + 2);
      text.remove_prefix(at + 2);
      continue;
    }
    // Blanks between two of them are not the writer's (RFC 2047, 6.2).
    const std::string_view before = text.substr(0, at);
    if (behind_word != out.size() || !trimmed(before).empty()) out += before;
    const char how = lower(text[charset_end + 1]);
    const std::string_view content = text.substr(charset_end + 3, end - charset_end - 3);
    out += to_utf8(how == 'b' ? from_base64(content) : from_hex(content, '=', true),
                   text.substr(at + 2, charset_end - at - 2));
    behind_word = out.size();
    text.remove_prefix(end + 2);
  }
  return out + std::string(text);
}

bool looks_like_mail(std::string_view head) {
  constexpr std::string_view kNames[] = {
      "From",       "To",       "Subject",     "Date",   "Received",     "MIME-Version", "Cc",
      "Message-ID", "Reply-To", "Return-Path", "Sender", "Delivered-To", "Content-Type"};
  const MimeHeader header = read_header(head.substr(0, 16'384));
  std::size_t known = 0;
  for (const std::string_view name : kNames)
    known += header.value(name).data() != nullptr ? 1 : 0;
  // Its first line is a field, and enough of them are a mail's.
  std::string_view rest = head;
  const std::string_view first = take_line(rest);
  return known >= 3 && name_length(first) > 0;
}

std::size_t mailbox_line(std::string_view text) {
  if (!text.starts_with("From ")) return std::string_view::npos;
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || end > 1'000) return std::string_view::npos;
  std::string_view rest = text.substr(end + 1);
  return name_length(take_line(rest)) > 0 ? end + 1 : std::string_view::npos;
}

}  // namespace bulkhead::exposure
