#include "base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace bulkhead {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kMalformed:
      return "malformed";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kAlreadyExists:
      return "already_exists";
    case ErrorCode::kPermissionDenied:
      return "permission_denied";
    case ErrorCode::kNotAuthenticated:
      return "not_authenticated";
    case ErrorCode::kRefused:
      return "refused";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kLimitExceeded:
      return "limit_exceeded";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kNotEmpty:
      return "not_empty";
    case ErrorCode::kIsDirectory:
      return "is_directory";
    case ErrorCode::kNotDirectory:
      return "not_directory";
    case ErrorCode::kNoSpace:
      return "no_space";
    case ErrorCode::kCorrupt:
      return "corrupt";
    case ErrorCode::kNewerFormat:
      return "newer_format";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kDisconnected:
      return "disconnected";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

Error Error::within(std::string_view context) const {
  return {code, fmt::format("{}: {}", context, message)};
}

std::unexpected<Error> fail_errno(std::string_view doing) {
  return fail_errno(doing, errno);
}

std::unexpected<Error> fail_errno(std::string_view doing, int error_number) {
  ErrorCode code = ErrorCode::kIo;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      code = ErrorCode::kNoSpace;
      break;
    case ENOENT:
      code = ErrorCode::kNotFound;
      break;
    case EEXIST:
      code = ErrorCode::kAlreadyExists;
      break;
    case EACCES:
    case EPERM:
      code = ErrorCode::kPermissionDenied;
      break;
    default:
      break;
  }
  return fail(code, fmt::format("{}: {}", doing, std::generic_category().message(error_number)));
}

void invariant_broken(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "bulkhead: invariant broken: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace bulkhead
