// The hardware itself, in the process that calls: a child of its own for each call, made by
// processes/keeper/device_process.h.
#pragma once

#include "crypto/random.h"
#include "keeper/seal_slot.h"
#include "keeper/tpm_device.h"

namespace bulkhead::keeper {

class SealHardware final : public SealDevice {
 public:
  // `confine` is for TPMs; what a token's module needs nobody knows.
  explicit SealHardware(crypto::Random& random, Confine confine = {})
      : random_(random), confine_(std::move(confine)) {}
  Result<Made> make(Seal seal, const SealFields& wishes, ByteView secret) override;
  Result<crypto::Secret<32>> open(Seal seal, const SealFields& fields, ByteView secret) override;

 private:
  crypto::Random& random_;
  Confine confine_;
};

}  // namespace bulkhead::keeper
