// Opens what an analyst found: an age file sealed to the organisation's incident key. Its contents
// were written by an untrusted process, so everything about them is checked.
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"
#include "crypto/age.h"
#include "exposure/exposure.h"

namespace bulkhead::cli {

// The identities of an incident key file, at least one. A sentence of its own for a public key and
// for a key file that is itself encrypted.
Result<std::vector<crypto::AgeIdentity>> read_incident_key_file(const std::string& path);

// kNotAuthenticated: sealed to other keys. kMalformed, kCorrupt, kNewerFormat, kLimitExceeded:
// cannot be used.
Result<exposure::FileFindings> open_findings(const UniqueFd& sealed,
                                             const std::vector<crypto::AgeIdentity>& identities);

}  // namespace bulkhead::cli
