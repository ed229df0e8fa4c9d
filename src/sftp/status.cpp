#include "sftp/status.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace bulkhead::sftp {
namespace {

struct Translation {
  ErrorCode error;
  StatusCode status;
  std::string_view text;  // where the error's own sentence is empty or not for the client
  bool tell_sentence;
};

// Version 3 has few codes, and clients' logic hangs on three of them: NO_SUCH_FILE (may be
// created), PERMISSION_DENIED (do not try again) and FAILURE (anything). Where POSIX has an errno
// for it, the code is the one that OpenSSH's server gives for that errno: that is what clients were
// tested against.
constexpr std::array kTranslations = {
    Translation{ErrorCode::kInvalidArgument, StatusCode::kBadMessage, "The request makes no sense.",
                true},
    Translation{ErrorCode::kMalformed, StatusCode::kBadMessage, "The request is malformed.", true},
    Translation{ErrorCode::kNotFound, StatusCode::kNoSuchFile, "No such file or folder.", true},
    Translation{ErrorCode::kAlreadyExists, StatusCode::kFailure, "It exists already.", true},
    Translation{ErrorCode::kPermissionDenied, StatusCode::kPermissionDenied, "Permission denied.",
                true},
    Translation{ErrorCode::kNotAuthenticated, StatusCode::kPermissionDenied, "Not logged in.",
                true},
    Translation{ErrorCode::kRefused, StatusCode::kPermissionDenied, "Refused for now.", true},
    Translation{ErrorCode::kUnsupported, StatusCode::kOpUnsupported, "Not supported.", true},
    Translation{ErrorCode::kLimitExceeded, StatusCode::kFailure, "A limit was reached.", true},
    Translation{ErrorCode::kConflict, StatusCode::kFailure, "It was changed or is in use.", true},
    Translation{ErrorCode::kNotEmpty, StatusCode::kFailure, "The folder is not empty.", true},
    Translation{ErrorCode::kIsDirectory, StatusCode::kFailure, "It is a folder.", true},
    Translation{ErrorCode::kNotDirectory, StatusCode::kNoSuchFile, "It is not a folder.", true},
    Translation{ErrorCode::kNoSpace, StatusCode::kFailure, "The server's storage is full.", true},
    Translation{ErrorCode::kCorrupt, StatusCode::kFailure,
                "What is stored does not verify; tell the server's administrator.", false},
    Translation{ErrorCode::kNewerFormat, StatusCode::kFailure,
                "What is stored is of a newer release; tell the server's administrator.", false},
    Translation{ErrorCode::kIo, StatusCode::kFailure, "The server's storage has a problem.", false},
    Translation{ErrorCode::kDisconnected, StatusCode::kFailure, "The server lost a part of itself.",
                false},
    Translation{ErrorCode::kTimeout, StatusCode::kFailure,
                "The server's storage did not answer in time.", false},
    Translation{ErrorCode::kInternal, StatusCode::kFailure, "The server made a mistake.", false},
};

constexpr std::size_t kMaxTextBytes = 512;

// RFC 3629 text of bounded length: the draft (section 7) says UTF-8.
std::string bounded_text(std::string_view text) {
  text = text.substr(0, kMaxTextBytes);
  std::size_t end = 0;
  while (end < text.size()) {
    const std::size_t length = utf8_sequence_length(text.substr(end));
    if (length == 0) break;
    end += length;
  }
  return std::string(text.substr(0, end));
}

}  // namespace

StatusReply status_of(const Error& error) {
  const auto* found = std::ranges::find(kTranslations, error.code, &Translation::error);
  BH_ASSERT(found != kTranslations.end());
  StatusReply reply{found->status, {}};
  if (found->tell_sentence) reply.text = bounded_text(error.message);
  if (reply.text.empty()) reply.text = found->text;
  return reply;
}

StatusReply status_of(const Status& status) {
  if (!status) return status_of(status.error());
  return {StatusCode::kOk, "Done."};
}

}  // namespace bulkhead::sftp
