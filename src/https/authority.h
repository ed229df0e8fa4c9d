// What stands behind the API: who logs in, and what they then see. Implemented over the vault's
// channel by the session process, in memory by the tests.
#pragma once

#include <string>

#include "base/error.h"
#include "crypto/secret.h"
#include "sftp/file_system.h"

namespace bulkhead::https {

struct LogInSecrets {
  std::string user;
  crypto::SecretBytes password;
  crypto::SecretBytes code;  // of a second factor; empty: none was typed
};

class Authority {
 public:
  virtual ~Authority() = default;

  // kPartial: accepted, and the account wants more. Not called again after kSuccess: the connection
  // is then this user's to its end.
  enum class Outcome { kSuccess, kPartial, kFailure };
  // kLimitExceeded: nobody logs in here any more. kDisconnected: nothing works any more.
  virtual Result<Outcome> log_in(const LogInSecrets& secrets) = 0;
  // After kSuccess. Outlives what it opened.
  virtual sftp::FileSystem& files() = 0;
};

}  // namespace bulkhead::https
