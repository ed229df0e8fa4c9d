#include "cli/public_key_file.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/fd.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kFileLimitBytes = 256 * 1024;
constexpr std::size_t kKeysLimit = 100;
constexpr std::size_t kRsaLeastBits = 2048;
// Types of keys, and of how many strings and mpints each is made.
struct KeyType {
  std::string_view name;
  std::size_t fields;
};
constexpr std::array kTypes = {KeyType{"ssh-ed25519", 1},
                               KeyType{"ssh-rsa", 2},
                               KeyType{"ecdsa-sha2-nistp256", 2},
                               KeyType{"ecdsa-sha2-nistp384", 2},
                               KeyType{"ecdsa-sha2-nistp521", 2},
                               KeyType{"sk-ssh-ed25519@openssh.com", 2},
                               KeyType{"sk-ecdsa-sha2-nistp256@openssh.com", 3}};
constexpr std::string_view kAccepted =
    "use ssh-ed25519, ecdsa-sha2-nistp256/384/521, ssh-rsa, or a security key (sk-…)";
constexpr std::string_view kRfc4716Begin = "---- BEGIN SSH2 PUBLIC KEY ----";
constexpr std::string_view kRfc4716End = "---- END SSH2 PUBLIC KEY ----";

std::unexpected<Error> misfit(std::string_view path, std::size_t line, std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("{}:{}: {}", path, line, what));
}

const KeyType* find_type(std::string_view type) {
  for (const KeyType& known : kTypes) {
    if (type == known.name) return &known;
  }
  return nullptr;
}

bool looks_private(std::string_view contents) {
  return contents.find("PRIVATE KEY-----") != std::string_view::npos ||
         contents.starts_with("PuTTY-User-Key-File");
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view take_word(std::string_view& rest) {
  rest = trim(rest);
  const std::size_t end = rest.find_first_of(" \t");
  const std::string_view word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  return word;
}

// One `string` of RFC 4251 section 5.
std::optional<ByteView> take_string(ByteView& rest) {
  if (rest.size() < 4) return std::nullopt;
  const std::size_t size = load_be<std::uint32_t>(rest.data());
  if (size > rest.size() - 4) return std::nullopt;
  const ByteView value = rest.subspan(4, size);
  rest = rest.subspan(4 + size);
  return value;
}

std::size_t bits_of(ByteView number) {
  while (!number.empty() && number.front() == 0)
    number = number.subspan(1);
  if (number.empty()) return 0;
  std::size_t bits = number.size() * 8;
  for (Byte top = number.front(); (top & 0x80) == 0; top = static_cast<Byte>(top << 1))
    --bits;
  return bits;
}

// What is wrong with a blob, or nothing. `type` is empty where the file does not say it outside the
// blob.
std::string judge(ByteView blob, std::string_view type) {
  ByteView rest = blob;
  const auto inner = take_string(rest);
  if (!inner) return "this is not a public key: copy the line again";
  const KeyType* known = find_type(as_text(*inner));
  if (known == nullptr)
    return fmt::format("keys of type {} are not accepted: {}", as_text(*inner), kAccepted);
  if (!type.empty() && as_text(*inner) != type)
    return "the key is of another type than its line says: copy it again";
  std::size_t fields = 0;
  std::size_t bits = 0;
  while (!rest.empty()) {
    const auto field = take_string(rest);
    if (!field) return "the key is cut off: copy the line again";
    if (++fields == 2) bits = bits_of(*field);  // of RSA: e, n
  }
  if (fields != known->fields) return "the key is cut off: copy the line again";
  if (as_text(*inner) == "ssh-rsa" && bits < kRsaLeastBits) {
    return fmt::format(
        "an RSA key of {} bits is too weak: make a new one with ssh-keygen -t ed25519", bits);
  }
  return {};
}

Result<Bytes> decode(std::string_view base64, std::string_view type, std::string_view path,
                     std::size_t line) {
  auto blob = from_base64(base64);
  if (!blob) return misfit(path, line, "the key is not base64: copy the line again");
  if (const std::string wrong = judge(*blob, type); !wrong.empty())
    return misfit(path, line, wrong);
  return std::move(*blob);
}

// "ssh-ed25519 AAAA… comment"
Result<Bytes> read_line(std::string_view text, std::string_view path, std::size_t line) {
  std::string_view rest = text;
  const std::string_view type = take_word(rest);
  if (find_type(type) != nullptr) return decode(take_word(rest), type, path, line);
  for (const KeyType& known : kTypes) {
    if (rest.find(fmt::format(" {} ", known.name)) != std::string_view::npos) {
      return misfit(
          path, line,
          "options before a key are not applied here: take them out and use folder rights");
    }
  }
  if (type.starts_with("ssh-") || type.starts_with("sk-") || type.starts_with("ecdsa-")) {
    return misfit(path, line, fmt::format("keys of type {} are not accepted: {}", type, kAccepted));
  }
  return misfit(path, line,
                "this is not a public key: give an OpenSSH .pub file or an authorized_keys file");
}

class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    ++number_;
    const std::size_t end = rest_.find('\n');
    const std::string_view line = trim(rest_.substr(0, end));
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    return line;
  }
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

// RFC 4716 section 3: headers "Tag: value", continued after a backslash, then base64 over several
// lines.
Result<Bytes> read_rfc4716(Lines& lines, std::string_view path) {
  const std::size_t first = lines.number();
  std::string base64;
  bool in_header = false;
  while (const auto line = lines.next()) {
    if (*line == kRfc4716End) return decode(base64, "", path, first);
    if (in_header || line->find(':') != std::string_view::npos) {
      in_header = line->ends_with('\\');
    } else {
      base64 += *line;
    }
  }
  return misfit(path, first, "the key has no END line: copy the file again");
}

}  // namespace

Result<std::vector<Bytes>> read_public_keys(std::string_view contents, std::string_view path) {
  if (looks_private(contents)) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "{} is a private key: keep it where it is and give its public half, usually {}.pub",
            path, path));
  }
  std::vector<Bytes> keys;
  Lines lines(contents);
  while (const auto line = lines.next()) {
    if (line->empty() || line->starts_with('#')) continue;
    const bool rfc4716 = *line == kRfc4716Begin;
    BH_TRY(Bytes blob,
           rfc4716 ? read_rfc4716(lines, path) : read_line(*line, path, lines.number()));
    keys.push_back(std::move(blob));
    if (keys.size() > kKeysLimit) {
      return misfit(path, lines.number(),
                    fmt::format("more than {} keys: split the file", kKeysLimit));
    }
  }
  if (keys.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} holds no key: give an OpenSSH .pub file", path));
  }
  return keys;
}

Result<std::vector<Bytes>> read_public_key_file(const std::string& path) {
  BH_TRY(const Bytes contents, read_file(path, kFileLimitBytes));
  return read_public_keys(as_text(contents), path);
}

}  // namespace bulkhead::cli
