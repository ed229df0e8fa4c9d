// Bounds on what a channel can make the vault hold or do. All generous for honest clients.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead::vault {

constexpr std::size_t kMaxHandlesPerChannel = 512;
constexpr std::size_t kMaxPathDepth = 64;
constexpr std::size_t kMaxNameBytes = 255;
constexpr std::uint32_t kMaxExtentsPerGrant = 16;
constexpr std::uint32_t kMaxRefusalsPerChannel = 200;    // then the channel ends
constexpr std::uint32_t kMaxExchangesPerChannel = 4096;  // signatures of the host key
constexpr std::uint32_t kMaxHostKeyProofsPerChannel = 32;
constexpr std::size_t kMaxHostKeys = 12;
constexpr std::size_t kMaxTlsCertificateBytes = 64 * 1024;  // of a chain
constexpr std::size_t kDirectoryBatchEntries = 200;
constexpr std::size_t kMaxUserNameBytes = 64;
constexpr std::size_t kMaxPasswordBytes = 1024;
constexpr std::uint64_t kMaxFileBytes = 1ULL << 44;  // 16 TiB
constexpr std::uint32_t kMaxAnalysisAttempts = 2;
constexpr std::size_t kReadyBlobs = 64;  // made ahead of the uploads

}  // namespace bulkhead::vault
