// A password from standard input: never from the command line, where others on the machine could
// read it.
#pragma once

#include "base/error.h"
#include "crypto/secret.h"

namespace bulkhead::cli {

// The first line of descriptor `fd`, without its end; at a terminal it asks, twice, without echo. 1
// to 1024 bytes.
Result<crypto::SecretBytes> read_password(int fd);

}  // namespace bulkhead::cli
