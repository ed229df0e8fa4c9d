// Bounds on what one client can make this folder hold.
#pragma once

#include <cstddef>

namespace bulkhead::scp {

constexpr std::size_t kMaxCommandBytes = 8 * 1024;
constexpr std::size_t kMaxWords = 64;
// A line of the protocol: 'C', mode, size and a name of 255 bytes; or a message of the client's.
constexpr std::size_t kMaxLineBytes = 1024;
constexpr std::size_t kMaxMessageBytes = 512;      // of ours
constexpr std::size_t kMaxDataBytes = 255 * 1024;  // of a file, at a time
constexpr std::size_t kFirstBytes = 32 * 1024;     // read before a file is promised
constexpr std::size_t kDirectoryBatchEntries = 200;
constexpr int kStepsPerTurn = 64;  // between two looks at the rest of the world

}  // namespace bulkhead::scp
