#include "https/percent.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "crypto/secret.h"
#include "https/limits.h"

namespace bulkhead::https {
namespace {

std::unexpected<Error> bad(const char* why) {
  return fail(ErrorCode::kInvalidArgument, why);
}

// Into `out`, which is as long as `text` at least. How many bytes it became.
Result<std::size_t> decode(std::string_view text, bool plus_is_blank, char* out) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return bad("a '%' is not followed by two hexadecimal digits");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (plus_is_blank && c == '+') {
      c = ' ';
    }
    out[size++] = c;
  }
  return size;
}

Result<crypto::SecretBytes> decode_secret(std::string_view text) {
  crypto::SecretBytes decoded(text.size());
  BH_TRY(const std::size_t size,
         decode(text, true, reinterpret_cast<char*>(decoded.mutable_view().data())));
  return crypto::SecretBytes(decoded.view().first(size));
}

}  // namespace

Result<FilesTarget> parse_files_target(std::string_view text) {
  FilesTarget target;
  std::vector<std::string> names;
  // A query or a fragment, which there are none of here: who forgot to encode such a name must not
  // get another file.
  if (text.find_first_of("?#") != std::string_view::npos)
    return bad("in a name '?' and '#' are written as %3F and %23");
  if (!text.empty() && !text.starts_with('/')) return bad("there is no such path");
  if (text.starts_with('/')) text.remove_prefix(1);
  target.folder = text.empty();
  while (!text.empty()) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    std::string name(slash, '\0');
    BH_TRY(const std::size_t size, decode(text.substr(0, slash), false, name.data()));
    name.resize(size);
    names.push_back(std::move(name));
    target.folder = slash + 1 == text.size();
    text.remove_prefix(std::min(slash + 1, text.size()));
  }
  BH_TRY(target.path, sftp::Path::from_components(std::move(names)));
  return target;
}

std::string encoded_path(const sftp::Path& path) {
  constexpr std::string_view kUnreserved = "-._~";
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string text;
  for (const std::string& name : path.components()) {
    text += '/';
    for (const char c : name) {
      if (is_alnum(c) || kUnreserved.find(c) != std::string_view::npos) {
        text += c;
        continue;
      }
      const auto byte = static_cast<unsigned char>(c);
      text += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text;
}

Result<LogInSecrets> parse_log_in_form(ByteView form) {
  LogInSecrets secrets;
  bool has_user = false;
  bool has_password = false;
  bool has_code = false;
  std::string_view rest = as_text(form);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return bad("the form is not name=value&…");
    const std::string_view name = pair.substr(0, equals);
    BH_TRY(crypto::SecretBytes value, decode_secret(pair.substr(equals + 1)));
    bool* const there = name == "user"       ? &has_user
                        : name == "password" ? &has_password
                        : name == "code"     ? &has_code
                                             : nullptr;
    if (there == nullptr || *there)
      return bad(
          "the form has the fields user, password and, with a second factor, code; each once");
    *there = true;
    if (value.size() > (name == "user" ? kMaxUserNameBytes : kMaxPasswordBytes))
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("user has {} bytes at most, password and code {}", kMaxUserNameBytes,
                              kMaxPasswordBytes));
    if (name == "user") {
      secrets.user = to_string(value.view());
    } else {
      (name == "password" ? secrets.password : secrets.code) = std::move(value);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!has_user || (!has_password && !has_code)) return bad("the form lacks user or password");
  return secrets;
}

}  // namespace bulkhead::https
