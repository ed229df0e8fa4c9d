#include "notify/letters/letter_number.h"

#include <array>

#include "crypto/digest.h"

namespace bulkhead::notify {
namespace {

// Without I, L, O, U (read as 1, 1, 0, V) and Z (read as 2): 31 is a prime, which the check needs.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXY";
constexpr std::size_t kDataCharacters = 11;
constexpr std::size_t kCharacters = kDataCharacters + 1;

// Weights 1 to 11 modulo 31 are all different and none is zero.
char check_character(std::string_view data) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < data.size(); ++i)
    sum += (i + 1) * kAlphabet.find(data[i]);
  return kAlphabet[sum % kAlphabet.size()];
}

std::string grouped(std::string_view characters) {
  std::string result;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    if (i > 0 && i % 4 == 0) result += '-';
    result += characters[i];
  }
  return result;
}

}  // namespace

std::string letter_number(ByteView key, std::string_view incident, std::string_view person) {
  Bytes message = to_bytes(as_bytes("bulkhead letter number 1"));
  for (const std::string_view part : {incident, person}) {
    message.push_back(0);
    message.insert(message.end(), part.begin(), part.end());
  }
  const crypto::Sha256 digest = crypto::hmac_sha256(key, message);
  std::uint64_t value = load_be<std::uint64_t>(digest.data());
  std::string data;
  for (std::size_t i = 0; i < kDataCharacters; ++i) {
    data += kAlphabet[value % kAlphabet.size()];
    value /= kAlphabet.size();
  }
  data += check_character(data);
  return grouped(data);
}

std::string read_letter_number(std::string_view spoken) {
  std::string data;
  for (char c : spoken) {
    if (c == '-' || c == ' ') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (kAlphabet.find(c) == std::string_view::npos || data.size() == kCharacters) return "";
    data += c;
  }
  if (data.size() != kCharacters) return "";
  const std::string_view first = std::string_view(data).substr(0, kDataCharacters);
  return check_character(first) == data.back() ? grouped(data) : "";
}

}  // namespace bulkhead::notify
