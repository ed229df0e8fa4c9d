#include "keeper/seal_hardware.h"

#include <fmt/format.h>

#include "keeper/pkcs11_seal.h"
#include "keeper/tpm_seal.h"

namespace bulkhead::keeper {
namespace {

std::unexpected<Error> no_hardware(Seal seal) {
  return fail(ErrorCode::kUnsupported,
              fmt::format("no hardware makes the seal {}", seal_name(seal)));
}

}  // namespace

Result<SealDevice::Made> SealHardware::make(Seal seal, const SealFields& wishes, ByteView secret) {
  if (seal == Seal::kTpm) return make_tpm_seal(wishes, secret, random_, confine_);
  if (seal == Seal::kPkcs11) return make_pkcs11_seal(wishes, secret, random_);
  return no_hardware(seal);
}

Result<crypto::Secret<32>> SealHardware::open(Seal seal, const SealFields& fields,
                                              ByteView secret) {
  if (seal == Seal::kTpm) return open_tpm_seal(fields, secret, confine_);
  if (seal == Seal::kPkcs11) return open_pkcs11_seal(fields, secret);
  return no_hardware(seal);
}

}  // namespace bulkhead::keeper
