// The part of `bulkhead user` about second factors and sequences of login methods.
#pragma once

#include <CLI/CLI.hpp>
#include <string_view>

#include "cli/command.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/totp.h"

namespace bulkhead::cli {

using TotpSecret = crypto::Secret<crypto::kTotpSecretBytes>;

TotpSecret new_totp_secret();
void print_totp_secret(std::string_view user_name, const TotpSecret& secret);
void add_user_factors(CLI::App& user, Choice& choice);

}  // namespace bulkhead::cli
