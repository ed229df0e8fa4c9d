// Secret bytes of a fixed or a bounded size: wiped when they go, not copyable by accident, never
// printable.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/bytes.h"

namespace bulkhead::crypto {

void wipe(MutableByteView bytes);  // not optimised away

// N secret bytes inline. Copies are explicit (`clone`).
template <std::size_t N>
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::span<const Byte, N> bytes) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
  }
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_);
    }
    return *this;
  }
  ~Secret() { wipe(bytes_); }

  Secret clone() const { return Secret(std::span<const Byte, N>(bytes_)); }
  static constexpr std::size_t size() { return N; }
  std::span<const Byte, N> view() const { return bytes_; }
  std::span<Byte, N> mutable_view() { return bytes_; }

 private:
  std::array<Byte, N> bytes_{};
};

// Secret bytes whose number is known only at run time (passwords, wrapped private keys).
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size) : bytes_(size) {}
  explicit SecretBytes(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::move(other.bytes_);
    }
    return *this;
  }
  ~SecretBytes() { wipe(bytes_); }

  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  ByteView view() const { return bytes_; }
  MutableByteView mutable_view() { return bytes_; }

 private:
  Bytes bytes_;
};

// Timing does not depend on where the two differ. Sizes are not secret.
bool equal_constant_time(ByteView a, ByteView b);

}  // namespace bulkhead::crypto
