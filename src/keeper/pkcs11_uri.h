// Which key in which token: PKCS #11 URIs (RFC 7512), as pkcs11-tool and p11tool show them, as far
// as they name one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace bulkhead::keeper {

// What is not given matches everything.
struct Pkcs11Uri {
  std::optional<std::string> token;   // its label
  std::optional<std::string> serial;  // its serial number
  std::optional<std::string> object;  // the key's label
  std::optional<Bytes> id;            // the key's CKA_ID
};

// "pkcs11:token=vault;object=root%20key". kInvalidArgument for what is none, for an attribute that
// occurs twice, and for PINs and modules, which do not belong here. Other attributes of RFC 7512
// (manufacturer, model, type) are passed over.
Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view text);

}  // namespace bulkhead::keeper
