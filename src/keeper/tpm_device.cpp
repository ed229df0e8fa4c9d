#include "keeper/tpm_device.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <tss2/tss2_tcti.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "crypto/secret.h"

namespace bulkhead::keeper {
namespace {

constexpr std::uint64_t kMagic = 0x62682d746374690aULL;
constexpr std::size_t kMostResponseBytes = 4096;  // TPM2_MAX_RESPONSE_SIZE
constexpr std::size_t kHeaderBytes = 10;          // tag 2, size 4, code 4 (part 1, 18.3)
constexpr int kAnswerTimeoutMs = 60'000;          // self-tests and slow chips take seconds

}  // namespace

struct TpmDevice::Transport {
  TSS2_TCTI_CONTEXT_COMMON_V1 common{};
  UniqueFd fd;
  Byte response[kMostResponseBytes]{};
  std::size_t size = 0;  // of a response that has come and was not taken

  ~Transport() { crypto::wipe(response); }

  static Transport& of(TSS2_TCTI_CONTEXT* context) {
    return *reinterpret_cast<Transport*>(context);
  }

  static TSS2_RC transmit(TSS2_TCTI_CONTEXT* context, size_t size, const uint8_t* command) {
    Transport& transport = of(context);
    transport.size = 0;
    return write_all(transport.fd.get(), ByteView(command, size), "the TPM")
               ? TSS2_RC_SUCCESS
               : TSS2_TCTI_RC_IO_ERROR;
  }

  // The device gives a response in one piece, a socket perhaps in several.
  TSS2_RC receive_whole() {
    std::size_t wanted = kHeaderBytes;
    while (size < wanted) {
      pollfd waited{fd.get(), POLLIN, 0};
      const int ready = ::poll(&waited, 1, kAnswerTimeoutMs);
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) return TSS2_TCTI_RC_IO_ERROR;
      const ssize_t got = ::read(fd.get(), response + size, sizeof response - size);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return TSS2_TCTI_RC_IO_ERROR;
      size += static_cast<std::size_t>(got);
      if (size >= kHeaderBytes) wanted = load_be<std::uint32_t>(response + 2);
      if (wanted < kHeaderBytes || wanted > sizeof response || size > wanted)
        return TSS2_TCTI_RC_MALFORMED_RESPONSE;
    }
    return TSS2_RC_SUCCESS;
  }

  static TSS2_RC receive(TSS2_TCTI_CONTEXT* context, size_t* size, uint8_t* out, int32_t) {
    Transport& transport = of(context);
    if (transport.size == 0) {
      if (const TSS2_RC code = transport.receive_whole(); code != TSS2_RC_SUCCESS) return code;
    }
    const std::size_t room = *size;
    *size = transport.size;
    if (out == nullptr) return TSS2_RC_SUCCESS;
    if (room < transport.size) return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
    std::copy_n(transport.response, transport.size, out);
    crypto::wipe(transport.response);
    transport.size = 0;
    return TSS2_RC_SUCCESS;
  }

  static void finalize(TSS2_TCTI_CONTEXT*) {}
  static TSS2_RC cancel(TSS2_TCTI_CONTEXT*) { return TSS2_TCTI_RC_NOT_IMPLEMENTED; }
  static TSS2_RC poll_handles(TSS2_TCTI_CONTEXT*, TSS2_TCTI_POLL_HANDLE*, size_t*) {
    return TSS2_TCTI_RC_NOT_IMPLEMENTED;
  }
  static TSS2_RC set_locality(TSS2_TCTI_CONTEXT*, uint8_t) { return TSS2_TCTI_RC_NOT_IMPLEMENTED; }

  explicit Transport(UniqueFd opened) : fd(std::move(opened)) {
    common.magic = kMagic;
    common.version = 1;
    common.transmit = transmit;
    common.receive = receive;
    common.finalize = finalize;
    common.cancel = cancel;
    common.getPollHandles = poll_handles;
    common.setLocality = set_locality;
  }
};

namespace {

std::unexpected<Error> cannot_open(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENXIO:
    case ENODEV:
    case ECONNREFUSED:
      return fail(ErrorCode::kNotFound,
                  fmt::format("there is no TPM at {}: switch it on in the machine's firmware, load "
                              "its driver, or open the root key by another seal",
                              path));
    case EACCES:
    case EPERM:
      return fail(ErrorCode::kPermissionDenied,
                  fmt::format("the TPM {} is closed to this user: add it to the device's group "
                              "(tss), and in the unit set DeviceAllow={} rw",
                              path, path));
    case EBUSY:
      return fail(ErrorCode::kConflict,
                  fmt::format("another program has the TPM {} to itself: use the resource "
                              "manager's device, /dev/tpmrm0",
                              path));
    default:
      return fail_errno(fmt::format("opening the TPM {}", path), error);
  }
}

Result<UniqueFd> open_path(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return cannot_open(path, errno);
  if (!S_ISSOCK(status.st_mode)) {
    if (!S_ISCHR(status.st_mode)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is no TPM: name its device, or a software TPM's socket", path));
    }
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!fd) return cannot_open(path, errno);
    return fd;
  }
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.size() >= sizeof address.sun_path)
    return fail(ErrorCode::kInvalidArgument, "the path of the TPM's socket is too long");
  std::copy(path.begin(), path.end(), address.sun_path);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("making a socket for the TPM");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return cannot_open(path, errno);
  return fd;
}

}  // namespace

Result<TpmDevice> TpmDevice::open(const std::string& path, const Confine& confine) {
  BH_TRY(UniqueFd fd, open_path(path));
  if (confine) BH_CHECK(confine(fd.get()));
  TpmDevice device;
  device.path_ = path;
  device.transport_ = new Transport(std::move(fd));
  const TSS2_RC code = Esys_Initialize(
      &device.esys_, reinterpret_cast<TSS2_TCTI_CONTEXT*>(device.transport_), nullptr);
  if (code != TSS2_RC_SUCCESS) return tpm_refusal(code, "starting");
  return device;
}

TpmDevice::TpmDevice(TpmDevice&& other) noexcept
    : path_(std::move(other.path_)),
      transport_(std::exchange(other.transport_, nullptr)),
      esys_(std::exchange(other.esys_, nullptr)),
      loaded_(std::move(other.loaded_)) {}

TpmDevice::~TpmDevice() {
  if (esys_ != nullptr) {
    for (auto handle = loaded_.rbegin(); handle != loaded_.rend(); ++handle)
      Esys_FlushContext(esys_, *handle);
    Esys_Finalize(&esys_);
  }
  delete transport_;
}

TSS2_RC tpm_code(TSS2_RC code) {
  if ((code & TSS2_RC_LAYER_MASK) != 0) return code;
  // Format one: bits 8 to 11 and bit 6 say at which handle, parameter or session.
  return (code & TPM2_RC_FMT1) != 0 ? code & (TPM2_RC_FMT1 | 0x3F) : code;
}

std::unexpected<Error> tpm_refusal(TSS2_RC code, std::string_view doing) {
  switch (tpm_code(code)) {
    case TPM2_RC_AUTH_FAIL:
      return fail(ErrorCode::kNotAuthenticated,
                  "the TPM refuses the PIN: it is wrong, and after some wrong ones the TPM locks "
                  "itself for a while");
    case TPM2_RC_LOCKOUT:
      return fail(ErrorCode::kRefused,
                  "the TPM has locked itself after wrong PINs: wait (tpm2_getcap "
                  "properties-variable says how long), end it with tpm2_dictionarylockout, or open "
                  "the root key by another seal");
    case TPM2_RC_POLICY_FAIL:
      return fail(ErrorCode::kRefused,
                  "the TPM refuses: its registers (PCRs) are not as they were when the root key "
                  "was sealed");
    case TPM2_RC_INITIALIZE:
      return fail(ErrorCode::kRefused,
                  "the TPM was not started: that is the firmware's or the driver's to do");
    case TPM2_RC_FAILURE:
      return fail(ErrorCode::kRefused, "the TPM has failed its own test: restart the machine");
    case TPM2_RC_BAD_AUTH:
      return fail(ErrorCode::kRefused,
                  "the TPM's owner hierarchy has a password: make its storage key once with "
                  "tpm2_createprimary and tpm2_evictcontrol at 0x81000001");
    case TPM2_RC_HIERARCHY:
      return fail(ErrorCode::kRefused, "the TPM's owner hierarchy is switched off");
    case TPM2_RC_OBJECT_MEMORY:
    case TPM2_RC_SESSION_MEMORY:
      return fail(ErrorCode::kRefused,
                  "the TPM has no room left: other programs have left objects in it "
                  "(tpm2_flushcontext), or name the resource manager's device, /dev/tpmrm0");
    case TSS2_ESYS_RC_RSP_AUTH_FAILED:
      return fail(ErrorCode::kCorrupt,
                  "what the TPM said was changed on its way: something sits between this machine "
                  "and its TPM");
    case TSS2_ESYS_RC_IO_ERROR:
    case TSS2_TCTI_RC_IO_ERROR:
      return fail(ErrorCode::kIo, "the TPM does not answer");
    default:
      return fail(ErrorCode::kIo, fmt::format("the TPM refuses {} (code {:#x})", doing, code));
  }
}

}  // namespace bulkhead::keeper
