// Runs under valgrind (tests/crypto/constant_time.py): secrets are marked as undefined, so that a
// branch or an index that depends on one is an error of memcheck's.
//
//     test-constant-time ml-kem | leak      ("leak" does what must be found)
#include <valgrind/memcheck.h>

#include <cstdio>
#include <string_view>

#include "crypto/ml_kem_own.h"
#include "crypto/prepare.h"

namespace bulkhead::crypto {
namespace {

void make_secret(ByteView bytes) {
  VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size());
}
void make_public(ByteView bytes) {
  VALGRIND_MAKE_MEM_DEFINED(bytes.data(), bytes.size());
}

Bytes noise(std::size_t size) {
  Bytes bytes(size);
  system_random().fill(bytes);
  return bytes;
}
ml_kem::Seed secret_seed() {
  ml_kem::Seed seed;
  system_random().fill(seed.mutable_view());
  make_secret(seed.view());
  return seed;
}

// The halves of the decapsulation key that are not the encapsulation key (FIPS 203 algorithm 16).
void make_private_parts_secret(const Secret<2400>& key) {
  make_secret(key.view().first(1152));
  make_secret(key.view().last(32));
}

void run_ml_kem() {
  const Bytes rho = noise(32);
  Bytes sigma = noise(32);
  make_secret(sigma);
  const ml_kem::Seed z = secret_seed();
  MlKemKeyPair pair = ml_kem::key_pair_from_expanded(rho, sigma, z);
  make_public(pair.encapsulation_key);
  make_public(pair.decapsulation_key.view());
  make_private_parts_secret(pair.decapsulation_key);

  const auto made = ml_kem::encapsulate(pair.encapsulation_key, secret_seed());
  MlKemCiphertext ciphertext = made->ciphertext;
  make_public(ciphertext);
  const MlKemSharedSecret shared = ml_kem::decapsulate(pair.decapsulation_key, ciphertext);
  ciphertext[17] ^= 1;
  const MlKemSharedSecret rejected = ml_kem::decapsulate(pair.decapsulation_key, ciphertext);

  for (const auto* each : {&made->shared, &shared, &rejected})
    make_public(each->view());
  if (!equal(made->shared.view(), shared.view()) || equal(made->shared.view(), rejected.view()))
    std::puts("the secrets do not fit");
}

void leak() {
  const ml_kem::Seed seed = secret_seed();
  if (seed.view()[0] & 1) std::puts("odd");
}

}  // namespace
}  // namespace bulkhead::crypto

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  bulkhead::crypto::prepare_for_sandbox();
  if (std::string_view(argv[1]) == "leak") {
    bulkhead::crypto::leak();
  } else {
    bulkhead::crypto::run_ml_kem();
  }
  return 0;
}
