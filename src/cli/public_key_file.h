// Files with SSH public keys, as partners send them: `.pub` files and authorized_keys (sshd(8)),
// and RFC 4716.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace bulkhead::cli {

// The blobs (RFC 4253 section 6.6) of every key in the file, at least one. `path` is for error
// sentences. Refused with a sentence of its own: private keys, types that the server does not
// speak, RSA below 2048 bits, and lines with options, because options restrict and silently
// dropping a restriction would widen what the key may do.
Result<std::vector<Bytes>> read_public_keys(std::string_view contents, std::string_view path);
Result<std::vector<Bytes>> read_public_key_file(const std::string& path);

}  // namespace bulkhead::cli
