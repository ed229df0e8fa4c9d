// The hardware itself, in the process that calls: only ever device_process.h's child.
#pragma once

#include "crypto/random.h"
#include "keeper/seal_slot.h"

namespace bulkhead::keeper {

class SealHardware final : public SealDevice {
 public:
  explicit SealHardware(crypto::Random& random) : random_(random) {}
  Result<Made> make(Seal seal, const SealFields& wishes, ByteView secret) override;
  Result<crypto::Secret<32>> open(Seal seal, const SealFields& fields, ByteView secret) override;

 private:
  crypto::Random& random_;
};

}  // namespace bulkhead::keeper
