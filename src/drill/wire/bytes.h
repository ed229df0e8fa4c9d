// Byte strings as SSH and this package's own frames write them (RFC 4251 section 5), big-endian.
// The attacker's half: nothing here is the product's.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bulkhead::drill {

// A step of a drill's script that did not go as written: the drill ends, and says so.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

void put_u8(std::string& out, std::uint8_t value);
void put_u32(std::string& out, std::uint32_t value);
void put_u64(std::string& out, std::uint64_t value);
void put_string(std::string& out, std::string_view contents);
// Of a number, without its leading zeros (RFC 4251 section 5).
void put_mpint(std::string& out, std::string_view big_endian);
// The blob format counts the other way round.
void put_le(std::string& out, std::uint64_t value, std::size_t bytes);
std::uint64_t read_le(std::string_view from, std::size_t offset, std::size_t bytes);

// Throws Interrupted where the bytes end too early.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8();
  std::uint32_t u32();
  std::uint64_t u64();
  std::string_view string();
  std::string_view raw(std::size_t bytes);
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace bulkhead::drill
