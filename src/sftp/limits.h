// Bounds on what one client can make this process hold. All generous for honest clients.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead::sftp {

// What limits@openssh.com announces is what OpenSSH's own server announces: clients are tested
// against that.
constexpr std::uint32_t kAnnouncedPacketBytes = 256 * 1024;
constexpr std::uint32_t kMaxReadBytes = kAnnouncedPacketBytes - 1024;
constexpr std::uint32_t kAnnouncedWriteBytes = kAnnouncedPacketBytes - 1024;
// What is accepted: a WRITE of 256 KiB, which some clients send, and its fields.
constexpr std::uint32_t kMaxPacketBytes = 256 * 1024 + 1024;   // without the length field
constexpr std::size_t kMaxReplyBytes = kAnnouncedPacketBytes;  // with the length field

constexpr std::size_t kMaxOpenFiles = 256;
constexpr std::size_t kMaxOpenDirectories = 64;
// The draft (section 3) makes every client accept 34000 bytes, and old ones do not accept more.
constexpr std::size_t kMaxNameReplyBytes = 32 * 1024;
constexpr std::size_t kDirectoryBatchEntries = 200;
constexpr std::uint64_t kMaxFileOffset = (1ULL << 63) - 1;
// Of copy-data and check-file, between two looks at the rest of the world.
constexpr std::size_t kCopyStepBytes = 4 << 20;
constexpr std::size_t kMaxFileHashesBytes = 128 * 1024;  // in one reply to check-file

}  // namespace bulkhead::sftp
