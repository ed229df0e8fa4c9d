#include "ssh/disconnect.h"

namespace bulkhead::ssh {
namespace {
DisconnectReason reason_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kMalformed:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kLimitExceeded:
      return DisconnectReason::kProtocolError;
    case ErrorCode::kUnsupported:
      return DisconnectReason::kServiceNotAvailable;
    case ErrorCode::kNotAuthenticated:
      return DisconnectReason::kNoMoreAuthMethodsAvailable;
    case ErrorCode::kPermissionDenied:
      return DisconnectReason::kHostNotAllowedToConnect;
    default:
      return DisconnectReason::kByApplication;
  }
}
}  // namespace

Disconnect::Disconnect(Error error)
    : reason(reason_for(error.code)), message(std::move(error.message)) {}

}  // namespace bulkhead::ssh
