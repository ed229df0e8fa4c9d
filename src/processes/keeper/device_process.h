// The seals' hardware in a process of its own: a copy of the keeper, made before the keeper is in
// its sandbox, which gets no root key and no socket of the vault, and ends when the keeper has the
// root key. It forks once more for each ask, where a TPM's library, and whatever a token's module
// is and starts, run, and nowhere else; the former in a sandbox.
#pragma once

#include "base/fd.h"
#include "keeper/seal_slot.h"

namespace bulkhead::processes {

// Asks go over a socketpair, one at a time, and wait for the answer.
class DeviceProcess final : public keeper::SealDevice {
 public:
  // `hardware` is used in children only. Nothing is started before it is needed.
  explicit DeviceProcess(keeper::SealDevice& hardware) : hardware_(hardware) {}

  // While there is one thread and no sandbox; does nothing where it runs already. kRefused once it
  // was ended: it can be started no more in the sandbox.
  Status start();
  // The socket, which must stay open in the sandbox for later asks; -1: it does not run.
  int fd() const { return socket_.get(); }
  void end() override {
    socket_.reset();
    ended_ = true;
  }

  Result<Made> make(keeper::Seal seal, const keeper::SealFields& wishes, ByteView secret) override;
  Result<crypto::Secret<32>> open(keeper::Seal seal, const keeper::SealFields& fields,
                                  ByteView secret) override;

 private:
  Result<Made> ask(std::uint8_t what, keeper::Seal seal, const keeper::SealFields& fields,
                   ByteView secret);

  keeper::SealDevice& hardware_;
  UniqueFd socket_;
  bool ended_ = false;
};

// For keeper::SealHardware: a sandbox around the TPM's descriptor and the way back.
Status confine_to_tpm(int fd);

}  // namespace bulkhead::processes
