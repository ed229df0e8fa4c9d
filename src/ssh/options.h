// What an owner may set on a connection. The defaults are what Bulkhead runs with.
#pragma once

#include <cstdint>

#include "crypto/random.h"
#include "ssh/packet_protection.h"

namespace bulkhead::ssh {

struct Options {
  // Outgoing packets wait here; a client that never reads costs no more. At least 512 KiB: a reply
  // of the largest size and the small messages beside it must fit.
  std::size_t output_bytes = 1024 * 1024;

  // Whichever comes first starts a key re-exchange (RFC 4253 section 9; RFC 4344 section 3 bounds
  // packets to 2^31 and blocks of AES to 2^32 under one key).
  std::uint64_t rekey_after_bytes = std::uint64_t{32} << 30;
  std::uint64_t rekey_after_packets = std::uint64_t{1} << 30;
  std::int64_t rekey_after_ms = 3600 * 1000;

  std::uint32_t max_login_requests = 20;  // then the connection ends, whatever was asked
  std::uint32_t max_channels = 10;        // open at once

  // What a client may send ahead on one channel. It starts with the first and doubles while the
  // data is taken as fast as it comes, up to the second, as far as all channels together stay under
  // the third: data that its subsystem cannot take yet is held in memory.
  std::uint32_t initial_window_bytes = 2 * 1024 * 1024;
  std::uint32_t max_window_bytes = 16 * 1024 * 1024;
  std::uint64_t max_windows_together_bytes = 32 * 1024 * 1024;

  crypto::Random* random = &crypto::system_random();
  Protection protection;
};

}  // namespace bulkhead::ssh
