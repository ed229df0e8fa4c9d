#include "sshwire/reader.h"

#include <fmt/format.h>

namespace bulkhead::sshwire {

void Reader::spoil(const char* problem) {
  if (problem_ == nullptr) problem_ = problem;
  rest_ = {};
}

bool Reader::have(std::size_t size) {
  if (problem_ != nullptr) return false;
  if (rest_.size() >= size) return true;
  spoil("ends too early");
  return false;
}

Byte Reader::byte() {
  if (!have(1)) return 0;
  const Byte value = rest_[0];
  rest_ = rest_.subspan(1);
  return value;
}

bool Reader::boolean() {
  return byte() != 0;
}

std::uint32_t Reader::uint32() {
  if (!have(4)) return 0;
  const auto value = load_be<std::uint32_t>(rest_.data());
  rest_ = rest_.subspan(4);
  return value;
}

std::uint64_t Reader::uint64() {
  if (!have(8)) return 0;
  const auto value = load_be<std::uint64_t>(rest_.data());
  rest_ = rest_.subspan(8);
  return value;
}

ByteView Reader::raw(std::size_t size) {
  if (!have(size)) return {};
  const ByteView value = rest_.first(size);
  rest_ = rest_.subspan(size);
  return value;
}

ByteView Reader::string(std::size_t limit_bytes) {
  const std::uint32_t size = uint32();
  if (size > limit_bytes && ok()) spoil("has a field that is too long");
  return raw(size);
}

ByteView Reader::unsigned_mpint(std::size_t limit_bytes) {
  ByteView value = string(limit_bytes);
  if (value.empty()) return value;
  if ((value[0] & 0x80) != 0) {
    spoil("has a negative number");
    return {};
  }
  if (value[0] != 0) return value;
  if (value.size() == 1 || (value[1] & 0x80) == 0) {
    spoil("has a number with superfluous zero bytes");
    return {};
  }
  return value.subspan(1);
}

std::string_view Reader::name_list(std::size_t limit_bytes) {
  const std::string_view list = text(limit_bytes);
  for (const char c : list) {
    if (c <= ' ' || c > '~') {
      spoil("has a name with characters that names do not have");
      return {};
    }
  }
  return list;
}

Status Reader::check(std::string_view what) const {
  if (problem_ == nullptr) return {};
  return fail(ErrorCode::kMalformed, fmt::format("{} {}", what, problem_));
}

Status Reader::finish(std::string_view what) const {
  BH_CHECK(check(what));
  if (!rest_.empty())
    return fail(ErrorCode::kMalformed, fmt::format("{} has bytes left over", what));
  return {};
}

}  // namespace bulkhead::sshwire
