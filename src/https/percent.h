// Percent-encoding (RFC 3986 section 2.1): paths in targets, fields of forms.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "https/authority.h"
#include "sftp/path.h"

namespace bulkhead::https {

// What a target's path below /api/v1/files names. Each name is decoded by itself, so that an
// encoded '/' is a byte of a name, which no name has: kInvalidArgument, as for "." and "..", NUL,
// an empty name, a '%' without two digits, a '?' or '#' that is not encoded.
struct FilesTarget {
  sftp::Path path;
  bool folder = false;  // it ended with '/'
};
Result<FilesTarget> parse_files_target(std::string_view text);

// "/in/a%20b"; of the root "". Everything but unreserved characters is encoded.
std::string encoded_path(const sftp::Path& path);

// A log-in's form, application/x-www-form-urlencoded: user, password and code, each once at most
// and no longer than the vault takes it (limits.h). kInvalidArgument.
Result<LogInSecrets> parse_log_in_form(ByteView form);

}  // namespace bulkhead::https
