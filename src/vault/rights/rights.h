// What a user may do in a folder and below it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::vault {

enum class Right : std::uint32_t { kRead = 1, kWrite = 2, kList = 4, kDelete = 8 };

class Rights {
 public:
  constexpr Rights() = default;
  constexpr explicit Rights(std::uint32_t bits) : bits_(bits & 15) {}
  static constexpr Rights all() { return Rights(15); }

  constexpr bool has(Right right) const { return (bits_ & static_cast<std::uint32_t>(right)) != 0; }
  constexpr bool none() const { return bits_ == 0; }
  constexpr std::uint32_t bits() const { return bits_; }
  constexpr Rights with(Rights more) const { return Rights(bits_ | more.bits_); }
  bool operator==(const Rights&) const = default;

  // "read,write,list,delete" in any order; nothing for an unknown word.
  static std::optional<Rights> parse(std::string_view words);
  std::string to_string() const;

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace bulkhead::vault
