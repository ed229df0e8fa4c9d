// Bounds on what travels over a channel. Everything above them is refused before a handler sees it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead::channel {

constexpr std::size_t kMaxMessageBytes = 160 * 1024;
// The most that one Reply carries: 32 parts of what is stored, one staging part, and room.
constexpr std::size_t kMaxDescriptors = 64;

constexpr std::size_t kMaxPathComponents = 64;
constexpr std::size_t kMaxComponentBytes = 255;

constexpr std::size_t kMaxAlgorithmNameBytes = 64;    // RFC 4251 section 6
constexpr std::size_t kMaxVersionBytes = 253;         // RFC 4253 section 4.2: 255 with CR LF
constexpr std::size_t kMaxKexinitBytes = 32768;       // RFC 4253 section 6.1
constexpr std::size_t kMaxExchangeValueBytes = 2048;  // Q_C, Q_S and K, hybrid exchanges included
constexpr std::size_t kMaxUserNameBytes = 255;
constexpr std::size_t kMaxServiceNameBytes = 64;
constexpr std::size_t kMaxPasswordBytes = 1024;
constexpr std::size_t kMaxPromptResponses = 8;
constexpr std::size_t kMaxCertificateVerifyBytes = 256;  // RFC 8446 section 4.4.3: 98 and a hash
constexpr std::size_t kMaxKeyBlobBytes = 8192;
constexpr std::size_t kMaxSignatureBytes = 8192;
constexpr std::size_t kMaxHostKeys = 16;
// Of the parts of a certificate; the whole is bounded by the datagram.
constexpr std::size_t kMaxCertificateFieldBytes = 8192;
constexpr std::size_t kMaxCertificatePrincipals = 256;
constexpr std::size_t kMaxCertificateOptions = 32;

constexpr std::uint64_t kMaxFileBytes = 1ULL << 46;  // what the blob format can hold
constexpr std::uint32_t kMaxExtents = 1U << 20;      // of such a file
constexpr std::uint32_t kMaxExtentsPerGrant = 16;
constexpr std::size_t kMaxDescriptionBytes = 1024;
constexpr std::size_t kMaxInlineBoxBytes = 64 * 1024 + 64;
constexpr std::uint32_t kMaxPermissions = 07777;
constexpr std::int64_t kMaxTimeSeconds = 1LL << 40;  // either side of 1970
constexpr std::size_t kMaxFormatNameBytes = 64;

}  // namespace bulkhead::channel
