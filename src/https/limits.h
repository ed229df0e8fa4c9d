// Bounds on what an HTTPS client can make a session hold or wait for. All generous for honest ones.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead::https {

constexpr std::size_t kMaxRequestLineBytes =
    16 * 1024;                                      // a path of 64 names, each byte as %XX, is less
constexpr std::size_t kMaxHeaderBytes = 24 * 1024;  // of a request, its first line included
constexpr std::size_t kMaxFields = 64;
constexpr std::size_t kMaxMethodBytes = 16;
constexpr std::size_t kMaxChunkLineBytes = 256;  // size and extensions
constexpr std::size_t kMaxTrailerBytes = 4 * 1024;
// Of a log-in: what the vault takes, and a form of it with each byte as %XX.
constexpr std::size_t kMaxUserNameBytes = 255;
constexpr std::size_t kMaxPasswordBytes = 1024;  // and codes
constexpr std::size_t kMaxFormBytes = 8 * 1024;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 46;  // what a stored file can have

constexpr std::size_t kReadBytes = 128 * 1024;  // of a file at a time
constexpr std::size_t kEntriesAtOnce = 200;     // of a folder

constexpr std::int64_t kHeadTimeoutMs = 30'000;     // from a request's first byte to its last line
constexpr std::int64_t kSilenceTimeoutMs = 60'000;  // within a request or an answer: nothing moves
constexpr std::uint32_t kMaxRequests = 100'000;     // of one connection

}  // namespace bulkhead::https
