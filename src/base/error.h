// Errors of every part of Bulkhead.
//
// A closed set of codes, so that each protocol translates them once (SFTP status, SSH disconnect
// reason, exit code), plus one sentence for a person: what went wrong, where, and what to do. The
// sentence never contains a sensitive value (a name of a file or a person, a password, contents):
// it may end up in a log.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace bulkhead {

enum class ErrorCode {
  kInvalidArgument,  // the caller (or a peer) said something that makes no sense
  kMalformed,        // bytes that do not fit their format
  kNotFound,         // no such object, as far as the asker may know
  kAlreadyExists,
  kPermissionDenied,  // known, but not allowed
  kNotAuthenticated,  // no proof yet
  kRefused,           // allowed in principle, refused now: budget, breaker, containment
  kUnsupported,       // well-formed, but not something that we do
  kLimitExceeded,     // a bound on what a peer controls was reached
  kConflict,          // the object changed or is in use
  kNotEmpty,
  kIsDirectory,
  kNotDirectory,
  kNoSpace,
  kCorrupt,       // stored data does not verify
  kNewerFormat,   // written by a newer release
  kIo,            // the operating system said no
  kDisconnected,  // the peer is gone
  kTimeout,
  kInternal,  // our fault
};

// "kNotFound" -> "not_found": for logs and --json.
std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  Error(ErrorCode error_code, std::string what) : code(error_code), message(std::move(what)) {}

  // The same error, told from one level further out: "opening the journal: disk is full".
  Error within(std::string_view context) const;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(Error(code, std::move(message)));
}
inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

// An error from errno, with its meaning in words: fail_errno("opening /x") -> "opening /x: no such
// file". ENOSPC and EDQUOT become kNoSpace, ENOENT kNotFound, EEXIST kAlreadyExists, EACCES/EPERM
// kPermissionDenied, the rest kIo.
std::unexpected<Error> fail_errno(std::string_view doing);
std::unexpected<Error> fail_errno(std::string_view doing, int error_number);

// Ends the process: an invariant of ours is broken, and going on could release what must not be
// released.
[[noreturn]] void invariant_broken(const char* expression, const char* file, int line);

}  // namespace bulkhead

// Asserted in release builds too. Never on input: bad input is an Error.
#define BH_ASSERT(expression)          \
  ((expression) ? static_cast<void>(0) \
                : ::bulkhead::invariant_broken(#expression, __FILE__, __LINE__))

// BH_TRY(auto value, read_it()); : unwraps, or returns the error to our caller.
#define BH_CONCAT_INNER(a, b) a##b
#define BH_CONCAT(a, b) BH_CONCAT_INNER(a, b)
#define BH_TRY(declaration, ...) \
  BH_TRY_IMPL(BH_CONCAT(bh_result_, __LINE__), declaration, __VA_ARGS__)
#define BH_TRY_IMPL(result, declaration, ...)                     \
  auto result = (__VA_ARGS__);                                    \
  if (!result) return std::unexpected(std::move(result).error()); \
  declaration = std::move(*result)
// BH_CHECK(status()); : the same for a Status (or a Result whose value is not wanted).
#define BH_CHECK(...)                                       \
  do {                                                      \
    if (auto bh_status = (__VA_ARGS__); !bh_status) {       \
      return std::unexpected(std::move(bh_status).error()); \
    }                                                       \
  } while (false)
