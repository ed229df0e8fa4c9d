// Errors of Bulkhead as SFTP statuses: the one place where they are translated.
#pragma once

#include <string>

#include "base/error.h"
#include "sftp/protocol.h"

namespace bulkhead::sftp {

struct StatusReply {
  StatusCode code = StatusCode::kOk;
  std::string text;  // English, for a person; UTF-8
};

// Sentences about the client's own request are passed on; those that tell of the server's insides
// are not.
StatusReply status_of(const Error& error);
StatusReply status_of(const Status& status);

}  // namespace bulkhead::sftp
