// What both halves say: acknowledgements and messages.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "sftp/reply_sink.h"

namespace bulkhead::scp {

enum class Severity : unsigned char {
  kError = 1,  // of one file; the transfer goes on
  kFatal = 2,
};

// The caller has asked out.may_continue().
void send_bytes(sftp::ReplySink& out, std::string_view bytes);
void send_ok(sftp::ReplySink& out);
// "scp: name: sentence". Of bounded length; control characters, which would do something to the
// client's terminal, are shown as '?'.
void send_message(sftp::ReplySink& out, Severity severity, std::string_view name,
                  const Error& error);

}  // namespace bulkhead::scp
