// A password from standard input: never from the command line, where others on the machine could
// read it.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "crypto/secret.h"

namespace bulkhead::cli {

// The first line of descriptor `fd`, without its end; at a terminal it asks, twice, without echo. 1
// to 1024 bytes.
Result<crypto::SecretBytes> read_password(int fd);

// The same with words of ours ("Passphrase"); `twice` for one that is new. Called again, it takes
// the next line.
Result<crypto::SecretBytes> read_passphrase(int fd, std::string_view prompt, bool twice);

// A descriptor that holds one line for each, for a program of ours that is started.
Result<UniqueFd> passphrase_descriptor(const std::vector<const crypto::SecretBytes*>& lines);

}  // namespace bulkhead::cli
