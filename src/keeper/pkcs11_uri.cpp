#include "keeper/pkcs11_uri.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace bulkhead::keeper {
namespace {

constexpr std::string_view kScheme = "pkcs11:";
// RFC 7512, 2.3, and the vendors' own.
constexpr std::string_view kPassedOver[] = {"manufacturer",
                                            "model",
                                            "type",
                                            "slot-manufacturer",
                                            "slot-description",
                                            "slot-id",
                                            "library-version",
                                            "library-description",
                                            "library-manufacturer"};

std::unexpected<Error> none(std::string_view why) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the key's name is no PKCS #11 URI ({}): write "
                          "pkcs11:token=LABEL;object=LABEL",
                          why));
}

// RFC 3986, 2.1.
Result<std::string> decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) return none("blanks are written %20");
    if (c != '%') {
      decoded += c;
      continue;
    }
    const auto byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return none("two hexadecimal digits follow a %");
    decoded += static_cast<char>((*byte)[0]);
    i += 2;
  }
  return decoded;
}

Status take(Pkcs11Uri& uri, std::string_view name, std::string_view value) {
  BH_TRY(std::string decoded, decode(value));
  if (name == "id") {
    if (uri.id) return none("id is there twice");
    uri.id = to_bytes(as_bytes(decoded));
    return {};
  }
  std::optional<std::string>* const known = name == "token"    ? &uri.token
                                            : name == "serial" ? &uri.serial
                                            : name == "object" ? &uri.object
                                                               : nullptr;
  if (known != nullptr) {
    if (*known) return none(fmt::format("{} is there twice", name));
    *known = std::move(decoded);
    return {};
  }
  if (std::ranges::find(kPassedOver, name) != std::end(kPassedOver)) return {};
  return none(name.starts_with("pin") ? "a PIN does not belong into it"
                                      : "it has an attribute that "
                                        "names no key");
}

}  // namespace

Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view text) {
  if (!text.starts_with(kScheme)) return none("it does not begin with pkcs11:");
  text.remove_prefix(kScheme.size());
  if (text.find('?') != std::string_view::npos)
    return none("modules and PINs are given by options of their own");
  Pkcs11Uri uri;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view attribute = text.substr(0, end);
    const std::size_t equals = attribute.find('=');
    if (equals == std::string_view::npos) return none("an attribute has no value");
    BH_CHECK(take(uri, attribute.substr(0, equals), attribute.substr(equals + 1)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return uri;
}

}  // namespace bulkhead::keeper
