// The numbers of SFTP version 3: draft-ietf-secsh-filexfer-02.
#pragma once

#include <cstdint>

namespace bulkhead::sftp {

constexpr std::uint32_t kProtocolVersion = 3;

// Section 3.
enum class PacketType : std::uint8_t {
  kInit = 1,
  kVersion = 2,
  kOpen = 3,
  kClose = 4,
  kRead = 5,
  kWrite = 6,
  kLstat = 7,
  kFstat = 8,
  kSetstat = 9,
  kFsetstat = 10,
  kOpendir = 11,
  kReaddir = 12,
  kRemove = 13,
  kMkdir = 14,
  kRmdir = 15,
  kRealpath = 16,
  kStat = 17,
  kRename = 18,
  kReadlink = 19,
  kSymlink = 20,
  kStatus = 101,
  kHandle = 102,
  kData = 103,
  kName = 104,
  kAttrs = 105,
  kExtended = 200,
  kExtendedReply = 201,
};

// Section 7. Versions above 3 have more codes; clients of version 3 do not know them.
enum class StatusCode : std::uint32_t {
  kOk = 0,
  kEof = 1,
  kNoSuchFile = 2,
  kPermissionDenied = 3,
  kFailure = 4,
  kBadMessage = 5,
  kOpUnsupported = 8,
};

// Section 5: which fields of ATTRS follow.
constexpr std::uint32_t kAttrSize = 0x00000001;
constexpr std::uint32_t kAttrUidGid = 0x00000002;
constexpr std::uint32_t kAttrPermissions = 0x00000004;
constexpr std::uint32_t kAttrAcModTime = 0x00000008;
constexpr std::uint32_t kAttrExtended = 0x80000000;

// POSIX file types in the permissions field.
constexpr std::uint32_t kModeRegular = 0100000;
constexpr std::uint32_t kModeDirectory = 0040000;
constexpr std::uint32_t kModePermissions = 07777;

// Section 6.3: pflags of SSH_FXP_OPEN.
constexpr std::uint32_t kOpenRead = 0x01;
constexpr std::uint32_t kOpenWrite = 0x02;
constexpr std::uint32_t kOpenAppend = 0x04;
constexpr std::uint32_t kOpenCreate = 0x08;
constexpr std::uint32_t kOpenTruncate = 0x10;
constexpr std::uint32_t kOpenExclusive = 0x20;

}  // namespace bulkhead::sftp
