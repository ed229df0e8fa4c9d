// Whole age files in memory.
#pragma once

#include "crypto/age.h"
#include "crypto_testing.h"

namespace bulkhead::crypto {

constexpr std::size_t kAgeSizes[] = {0, 1, 65535, 65536, 65537, 131072, 200000};

// Written in pieces of any size.
inline Bytes age_encrypt(ByteView plaintext, const std::vector<AgeRecipient>& recipients,
                         SeededRandom& random) {
  Bytes file;
  auto encryptor = AgeEncryptor::start(recipients, random, [&](ByteView part) -> Status {
    file.insert(file.end(), part.begin(), part.end());
    return {};
  });
  BH_ASSERT(encryptor.has_value());
  while (!plaintext.empty()) {
    const std::size_t count = std::min(plaintext.size(), random.below(90000));
    BH_ASSERT(encryptor->write(plaintext.first(count)).has_value());
    plaintext = plaintext.subspan(count);
  }
  BH_ASSERT(encryptor->finish().has_value());
  return file;
}

struct AgeOpened {
  Status status;
  Bytes plaintext;  // also what came before an error
};

inline AgeOpened age_open(ByteView file, const std::vector<AgeIdentity>& identities) {
  AgeOpened opened;
  opened.status = age_decrypt(file, identities, [&](ByteView part) -> Status {
    opened.plaintext.insert(opened.plaintext.end(), part.begin(), part.end());
    return {};
  });
  return opened;
}

inline std::vector<AgeIdentity> one(AgeIdentity identity) {
  std::vector<AgeIdentity> identities;
  identities.push_back(std::move(identity));
  return identities;
}

}  // namespace bulkhead::crypto
