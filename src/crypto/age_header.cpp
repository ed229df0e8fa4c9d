// Reading the header of an age file: section "Header" and its grammar. Everything that the grammar
// does not allow is refused, also where it could be understood: there is one way to write a header.
#include <algorithm>

#include "crypto/age_format.h"

namespace bulkhead::crypto::age {
namespace {

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::kMalformed, "this is not a whole age file: " + std::string(what));
}

// Canonical base64 without padding, of exactly as many bytes as `out` has.
bool decode_exactly(std::string_view text, MutableByteView out) {
  if (text.size() != (out.size() * 8 + 5) / 6) return false;
  if (text.find('=') != std::string_view::npos) return false;
  const std::optional<Bytes> bytes = from_base64(text);
  if (!bytes || bytes->size() != out.size()) return false;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return true;
}

struct Stanza {
  std::vector<std::string_view> arguments;  // the first is the type
  std::string body;                         // base64, its lines joined
};

class HeaderReader {
 public:
  explicit HeaderReader(ByteView file)
      : whole_(as_text(file.first(std::min(file.size(), kMostHeaderBytes)))),
        cut_(file.size() > kMostHeaderBytes) {}

  Result<Header> read() {
    BH_TRY(const std::string_view version, line());
    if (version != kVersionLine)
      return malformed("it does not begin with the version line of age, version 1");
    Header header{};
    bool alone = false;  // section "The scrypt recipient type": no other stanza beside it
    std::size_t count = 0;
    for (;; ++count) {
      const std::size_t start = at_;
      BH_TRY(const std::string_view text, line());
      if (!text.starts_with(kStanzaStart)) {
        if (count == 0) return malformed("its header names no recipient");
        if (alone && count > 1)
          return malformed("its header has a passphrase beside other recipients");
        return finish(std::move(header), start, text);
      }
      BH_TRY(const Stanza stanza, read_stanza(text));
      if (stanza.arguments[0] == "scrypt") alone = true;
      if (stanza.arguments[0] != kX25519) continue;
      BH_TRY(X25519Stanza parsed, to_x25519(stanza));
      header.stanzas.push_back(parsed);
    }
  }

 private:
  // Without its line feed.
  Result<std::string_view> line() {
    const std::size_t end = whole_.find('\n', at_);
    if (end == std::string_view::npos) {
      if (cut_)
        return fail(ErrorCode::kLimitExceeded, "the header of this age file is longer than 64 KiB");
      return malformed("its header ends early");
    }
    const std::string_view text = whole_.substr(at_, end - at_);
    at_ = end + 1;
    return text;
  }

  Result<Stanza> read_stanza(std::string_view first_line) {
    Stanza stanza;
    BH_TRY(stanza.arguments, split(first_line.substr(kStanzaStart.size())));
    for (;;) {
      BH_TRY(const std::string_view text, line());
      if (text.size() > kBodyColumns)
        return malformed("a line of its header is longer than 64 characters");
      stanza.body += text;
      if (text.size() < kBodyColumns)
        break;  // the last line of a body is shorter, if need be empty
    }
    if (stanza.body.find('=') != std::string::npos || !from_base64(stanza.body)) {
      return malformed("a recipient's body in its header is not base64");
    }
    return stanza;
  }

  // Arguments are of visible ASCII characters, at least one each, with one space between them.
  static Result<std::vector<std::string_view>> split(std::string_view text) {
    std::vector<std::string_view> arguments;
    while (true) {
      const std::string_view argument = text.substr(0, text.find(' '));
      const auto visible = [](char c) { return c >= '!' && c <= '~'; };
      if (argument.empty() || !std::ranges::all_of(argument, visible)) {
        return malformed("a recipient's arguments in its header are not separate words");
      }
      arguments.push_back(argument);
      if (argument.size() == text.size()) return arguments;
      text.remove_prefix(argument.size() + 1);
    }
  }

  // The size of the body is checked before anything is decrypted: another size would let one body
  // fit several keys.
  static Result<X25519Stanza> to_x25519(const Stanza& stanza) {
    X25519Stanza parsed{};
    if (stanza.arguments.size() != 2 || !decode_exactly(stanza.arguments[1], parsed.share) ||
        !decode_exactly(stanza.body, parsed.wrapped)) {
      return malformed("an X25519 recipient in its header is not of the right form");
    }
    return parsed;
  }

  Result<Header> finish(Header header, std::size_t start, std::string_view text) const {
    if (!text.starts_with(kMacStart) || text.size() < kMacStart.size() + 1 ||
        text[kMacStart.size()] != ' ' ||
        !decode_exactly(text.substr(kMacStart.size() + 1), header.mac)) {
      return malformed("its header does not end in a checksum");
    }
    header.authenticated = whole_.substr(0, start + kMacStart.size());
    header.size = at_;
    return header;
  }

  std::string_view whole_;
  bool cut_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Header> parse_header(ByteView file) {
  return HeaderReader(file).read();
}

}  // namespace bulkhead::crypto::age
