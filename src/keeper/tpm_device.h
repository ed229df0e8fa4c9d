// The way to a TPM 2.0: the kernel's device (a resource manager's, so that others use it too), or
// the UNIX socket of a software TPM, which speaks the same bytes. No library of transports is
// loaded for it.
#pragma once

#include <tss2/tss2_esys.h>

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace bulkhead::keeper {

// Called with the open descriptor before a byte of the TPM's is read: gives up whatever else the
// process could do. Empty: nothing is given up.
using Confine = std::function<Status(int fd)>;

class TpmDevice {
 public:
  // kNotFound, kPermissionDenied, kConflict with what to do about it.
  static Result<TpmDevice> open(const std::string& path, const Confine& confine);
  TpmDevice(TpmDevice&& other) noexcept;
  TpmDevice& operator=(TpmDevice&&) = delete;
  // What was loaded is flushed: a TPM without a resource manager has room for three objects.
  ~TpmDevice();

  ESYS_CONTEXT* esys() const { return esys_; }
  const std::string& path() const { return path_; }
  void flush_at_end(ESYS_TR handle) { loaded_.push_back(handle); }

 private:
  // TSS2_TCTI_CONTEXT_COMMON_V1 and what our functions behind it need.
  struct Transport;

  TpmDevice() = default;

  std::string path_;
  Transport* transport_ = nullptr;
  ESYS_CONTEXT* esys_ = nullptr;
  std::vector<ESYS_TR> loaded_;
};

// A response code as a sentence for people: what the TPM refused, and what to do. Codes that nobody
// can do anything about come as numbers, after `doing`.
std::unexpected<Error> tpm_refusal(TSS2_RC code, std::string_view doing);
// The code without where in the command it was found: what TPM 2.0 part 2, 6.6.3 gives names to.
TSS2_RC tpm_code(TSS2_RC code);

}  // namespace bulkhead::keeper
