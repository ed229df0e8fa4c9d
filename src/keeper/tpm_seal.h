// The seal `tpm`: a slot's key inside a TPM 2.0, which gives it back in the state that it was in
// (PCRs), for a PIN, or both.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keeper/seal_slot.h"
#include "keeper/tpm_device.h"

namespace bulkhead::keeper {

constexpr std::string_view kTpmDevice = "/dev/tpmrm0";
constexpr std::string_view kTpmPcrs = "7";  // what Secure Boot was like

// Wishes: `device` (a path), `pcrs` ("0,7", "none"), `pin` where `secret` is one. Over the wire to
// the chip neither the key nor the PIN is readable: sessions are salted to the TPM's storage key,
// whose name is written down, so that another chip in between is noticed when it is opened.
Result<SealDevice::Made> make_tpm_seal(const SealFields& wishes, ByteView secret,
                                       crypto::Random& random, const Confine& confine = {});
Result<crypto::Secret<32>> open_tpm_seal(const SealFields& fields, ByteView secret,
                                         const Confine& confine = {});

// "0,7", "0+7" or "none": numbers of 0 to 23 in order, each once.
Result<std::vector<unsigned>> parse_pcrs(std::string_view text);

}  // namespace bulkhead::keeper
