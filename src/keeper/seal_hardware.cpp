#include "keeper/seal_hardware.h"

#include <fmt/format.h>

#include "keeper/tpm_seal.h"

namespace bulkhead::keeper {
namespace {

std::unexpected<Error> no_hardware(Seal seal) {
  return fail(ErrorCode::kUnsupported, fmt::format("this release has no seal {}", seal_name(seal)));
}

}  // namespace

Result<SealDevice::Made> SealHardware::make(Seal seal, const SealFields& wishes, ByteView secret) {
  if (seal == Seal::kTpm) return make_tpm_seal(wishes, secret, random_);
  return no_hardware(seal);
}

Result<crypto::Secret<32>> SealHardware::open(Seal seal, const SealFields& fields,
                                              ByteView secret) {
  if (seal == Seal::kTpm) return open_tpm_seal(fields, secret);
  return no_hardware(seal);
}

}  // namespace bulkhead::keeper
