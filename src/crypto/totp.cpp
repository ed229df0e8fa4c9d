#include "crypto/totp.h"

#include <openssl/hmac.h>

#include <algorithm>

#include "crypto/library.h"
#include "crypto/secret.h"

namespace bulkhead::crypto {

std::uint64_t totp_step(std::int64_t unix_seconds) {
  return unix_seconds < 0 ? 0 : static_cast<std::uint64_t>(unix_seconds / kTotpStepSeconds);
}

std::string hotp(ByteView secret, std::uint64_t counter, unsigned digits) {
  BH_ASSERT(digits <= 8);
  ByteArray<8> message;
  store_be(message.data(), counter);
  ByteArray<20> mac;
  unsigned size = 0;
  BH_ASSERT(HMAC(algorithms().sha1, secret.data(), static_cast<int>(secret.size()), message.data(),
                 message.size(), mac.data(), &size) != nullptr &&
            size == mac.size());
  std::uint32_t number = load_be<std::uint32_t>(mac.data() + (mac.back() & 0x0F)) & 0x7FFF'FFFF;
  std::string text(digits, '0');
  for (std::size_t i = digits; i > 0; --i) {
    text[i - 1] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  wipe(mac);
  return text;
}

std::uint64_t check_totp(ByteView secret, std::string_view code, std::uint64_t now_step,
                         std::uint64_t last_used_step) {
  const std::uint64_t first = now_step - std::min(now_step, kTotpStepsEitherSide);
  std::uint64_t found = 0;
  for (std::uint64_t step = first; step <= now_step + kTotpStepsEitherSide; ++step) {
    std::string right = hotp(secret, step);
    if (equal_constant_time(as_bytes(right), as_bytes(code)) && step > last_used_step) found = step;
    wipe({reinterpret_cast<Byte*>(right.data()), right.size()});
  }
  return found;
}

}  // namespace bulkhead::crypto
