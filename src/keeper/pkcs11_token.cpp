#include "keeper/pkcs11_token.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace bulkhead::keeper {
namespace {

constexpr std::size_t kMostNumberBytes = 2048;  // RSA of 16384 bits

struct Refusal {
  CK_RV code;
  ErrorCode error;
  std::string_view sentence;
};
// What people can do something about.
constexpr Refusal kRefusals[] = {
    {CKR_PIN_INCORRECT, ErrorCode::kNotAuthenticated,
     "the token refuses the PIN: it is wrong, and after some wrong ones the token locks it"},
    {CKR_PIN_LEN_RANGE, ErrorCode::kNotAuthenticated,
     "the token refuses the PIN: its length is wrong"},
    {CKR_PIN_INVALID, ErrorCode::kNotAuthenticated,
     "the token refuses the PIN: it has characters that no PIN has"},
    {CKR_PIN_LOCKED, ErrorCode::kRefused,
     "the token has locked its PIN after wrong ones: unlock it with its own tool, or open the root "
     "key by another seal"},
    {CKR_PIN_EXPIRED, ErrorCode::kRefused,
     "the token's PIN has expired: change it with its own tool"},
    {CKR_USER_PIN_NOT_INITIALIZED, ErrorCode::kRefused,
     "the token has no PIN yet: set one with its own tool"},
    {CKR_TOKEN_NOT_PRESENT, ErrorCode::kNotFound, "the token was taken out: put it in again"},
    {CKR_TOKEN_NOT_RECOGNIZED, ErrorCode::kNotFound, "the module does not know this token"},
    {CKR_DEVICE_REMOVED, ErrorCode::kNotFound, "the token was taken out: put it in again"},
    {CKR_DEVICE_ERROR, ErrorCode::kIo, "the token has failed: look at it with its own tool"},
    {CKR_DEVICE_MEMORY, ErrorCode::kIo, "the token has no memory left"},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, ErrorCode::kRefused,
     "the token's key may not decrypt: name one that may (CKA_DECRYPT)"},
    {CKR_ENCRYPTED_DATA_INVALID, ErrorCode::kCorrupt,
     "the token does not open what the root key's file holds: it was changed"},
    {CKR_ENCRYPTED_DATA_LEN_RANGE, ErrorCode::kCorrupt,
     "the token does not open what the root key's file holds: it was changed"},
    {CKR_MECHANISM_INVALID, ErrorCode::kUnsupported, "the token does not know RSA-OAEP"},
    {CKR_MECHANISM_PARAM_INVALID, ErrorCode::kUnsupported,
     "the token does not know RSA-OAEP with this hash"},
    {CKR_ARGUMENTS_BAD, ErrorCode::kUnsupported, "the token does not know RSA-OAEP with this hash"},
};

std::unexpected<Error> refusal(CK_RV code, std::string_view doing) {
  const auto* const known = std::ranges::find(kRefusals, code, &Refusal::code);
  if (known != std::end(kRefusals)) return fail(known->error, std::string(known->sentence));
  return fail(ErrorCode::kIo, fmt::format("the token fails at {} (code {:#x})", doing, code));
}

#define BH_TOKEN(doing, ...)                                                                    \
  do {                                                                                          \
    if (const CK_RV bh_code = (__VA_ARGS__); bh_code != CKR_OK) return refusal(bh_code, doing); \
  } while (false)

// Padded with blanks, without an end.
template <std::size_t N>
std::string_view padded(const unsigned char (&text)[N]) {
  std::string_view view(reinterpret_cast<const char*>(text), N);
  view = view.substr(0, view.find('\0'));
  while (view.ends_with(' '))
    view.remove_suffix(1);
  return view;
}

bool fits(const std::optional<std::string>& wanted, std::string_view there) {
  return !wanted || *wanted == there;
}

Result<Bytes> attribute(CK_FUNCTION_LIST* module, CK_SESSION_HANDLE session,
                        CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  Bytes value(kMostNumberBytes);
  CK_ATTRIBUTE wanted{type, value.data(), value.size()};
  BH_TOKEN("reading the key's attributes",
           module->C_GetAttributeValue(session, object, &wanted, 1));
  if (wanted.ulValueLen > value.size())
    return fail(ErrorCode::kMalformed, "the token's key has an attribute that is too long");
  value.resize(wanted.ulValueLen);
  return value;
}

// Absent ones are false.
bool flag(CK_FUNCTION_LIST* module, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
          CK_ATTRIBUTE_TYPE type) {
  const auto value = attribute(module, session, object, type);
  return value && value->size() == 1 && (*value)[0] == CK_TRUE;
}

}  // namespace

Status check_module(const std::string& path) {
  const auto refused = [&](std::string_view why) {
    return fail(ErrorCode::kRefused,
                fmt::format("the PKCS #11 module {} is not loaded: {}", path, why));
  };
  if (!path.starts_with('/')) return refused("its whole path has to be given");
  std::error_code error;
  std::filesystem::path at = std::filesystem::canonical(path, error);
  if (error) return refused(error.message());
  for (bool file = true;; at = at.parent_path(), file = false) {
    struct stat status{};
    if (::lstat(at.c_str(), &status) != 0) return fail_errno(fmt::format("looking at {}", path));
    if (file && !S_ISREG(status.st_mode)) return refused("it is no file");
    if (status.st_uid != 0 || (status.st_mode & 022U) != 0) {
      return refused(fmt::format("others than root can change {}", at.string()));
    }
    if (at == at.parent_path()) return {};
  }
}

Result<Pkcs11Token> Pkcs11Token::open(const std::string& module, const Pkcs11Uri& uri) {
  BH_CHECK(check_module(module));
  void* const library = ::dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("the PKCS #11 module {} does not load: {}", module, ::dlerror()));
  }
  const auto list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
  Pkcs11Token token;
  if (list == nullptr || list(&token.module_) != CKR_OK || token.module_ == nullptr) {
    token.module_ = nullptr;
    return fail(ErrorCode::kUnsupported, fmt::format("{} is no PKCS #11 module", module));
  }
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV started = token.module_->C_Initialize(&arguments);
  if (started != CKR_OK && started != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    token.module_ = nullptr;
    return refusal(started, "starting its module");
  }
  BH_CHECK(token.find_token(uri));
  BH_TOKEN("opening a session", token.module_->C_OpenSession(token.slot_, CKF_SERIAL_SESSION,
                                                             nullptr, nullptr, &token.session_));
  return token;
}

Pkcs11Token::Pkcs11Token(Pkcs11Token&& other) noexcept
    : module_(std::exchange(other.module_, nullptr)),
      slot_(other.slot_),
      session_(std::exchange(other.session_, CK_INVALID_HANDLE)) {}

Pkcs11Token::~Pkcs11Token() {
  if (module_ == nullptr) return;
  if (session_ != CK_INVALID_HANDLE) {
    module_->C_Logout(session_);
    module_->C_CloseSession(session_);
  }
  module_->C_Finalize(nullptr);
}

Status Pkcs11Token::find_token(const Pkcs11Uri& uri) {
  CK_ULONG count = 0;
  BH_TOKEN("listing its slots", module_->C_GetSlotList(CK_TRUE, nullptr, &count));
  std::vector<CK_SLOT_ID> slots(count);
  BH_TOKEN("listing its slots", module_->C_GetSlotList(CK_TRUE, slots.data(), &count));
  slots.resize(std::min<std::size_t>(count, slots.size()));
  std::size_t found = 0;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info{};
    if (module_->C_GetTokenInfo(slot, &info) != CKR_OK) continue;
    if ((info.flags & CKF_TOKEN_INITIALIZED) == 0 || !fits(uri.token, padded(info.label)) ||
        !fits(uri.serial, padded(info.serialNumber)))
      continue;
    slot_ = slot;
    ++found;
  }
  if (found == 1) return {};
  if (found == 0) {
    return fail(ErrorCode::kNotFound,
                "there is no token of that name: put it in, look whether its service runs, or open "
                "the root key by another seal");
  }
  return fail(ErrorCode::kConflict,
              "several tokens fit: name one by token=LABEL or serial=NUMBER in the key's URI");
}

Status Pkcs11Token::log_in(ByteView pin) {
  CK_TOKEN_INFO info{};
  BH_TOKEN("asking for its state", module_->C_GetTokenInfo(slot_, &info));
  if ((info.flags & CKF_USER_PIN_LOCKED) != 0) return refusal(CKR_PIN_LOCKED, "");
  if ((info.flags & CKF_USER_PIN_FINAL_TRY) != 0) {
    return fail(ErrorCode::kRefused,
                "one more wrong PIN locks the token, so none is tried: give the right one to its "
                "own tool first");
  }
  const CK_RV code =
      module_->C_Login(session_, CKU_USER, const_cast<Byte*>(pin.data()), pin.size());
  if (code == CKR_OK || code == CKR_USER_ALREADY_LOGGED_IN) return {};
  return refusal(code, "logging in");
}

Result<Pkcs11Token::Key> Pkcs11Token::find_key(const Pkcs11Uri& uri) {
  CK_OBJECT_CLASS object_class = CKO_PRIVATE_KEY;
  CK_KEY_TYPE type = CKK_RSA;
  std::vector<CK_ATTRIBUTE> wanted = {{CKA_CLASS, &object_class, sizeof object_class},
                                      {CKA_KEY_TYPE, &type, sizeof type}};
  std::string label = uri.object.value_or("");
  Bytes id = uri.id.value_or(Bytes());
  if (uri.object) wanted.push_back({CKA_LABEL, label.data(), label.size()});
  if (uri.id) wanted.push_back({CKA_ID, id.data(), id.size()});
  CK_OBJECT_HANDLE found[2] = {};
  CK_ULONG count = 0;
  BH_TOKEN("looking for the key",
           module_->C_FindObjectsInit(session_, wanted.data(), wanted.size()));
  const CK_RV code = module_->C_FindObjects(session_, found, 2, &count);
  module_->C_FindObjectsFinal(session_);
  if (code != CKR_OK) return refusal(code, "looking for the key");
  if (count == 0) {
    return fail(ErrorCode::kNotFound,
                "the token has no RSA private key of that name: make one with pkcs11-tool "
                "--keypairgen --key-type rsa:3072, or name another");
  }
  if (count > 1) {
    return fail(ErrorCode::kConflict,
                "several keys in the token fit: name one by object=LABEL or id=%01 in its URI");
  }
  Key key{.handle = found[0]};
  BH_TRY(key.modulus, attribute(module_, session_, key.handle, CKA_MODULUS));
  BH_TRY(key.exponent, attribute(module_, session_, key.handle, CKA_PUBLIC_EXPONENT));
  key.can_leave = flag(module_, session_, key.handle, CKA_EXTRACTABLE);
  key.asks_again = flag(module_, session_, key.handle, CKA_ALWAYS_AUTHENTICATE);
  return key;
}

Result<crypto::SecretBytes> Pkcs11Token::decrypt(const Key& key, crypto::HashAlgorithm hash,
                                                 ByteView box, ByteView pin) {
  const bool sha256 = hash == crypto::HashAlgorithm::kSha256;
  BH_ASSERT(sha256 || hash == crypto::HashAlgorithm::kSha1);
  CK_RSA_PKCS_OAEP_PARAMS parameters{};
  parameters.hashAlg = sha256 ? CKM_SHA256 : CKM_SHA_1;
  parameters.mgf = sha256 ? CKG_MGF1_SHA256 : CKG_MGF1_SHA1;
  parameters.source = CKZ_DATA_SPECIFIED;
  CK_MECHANISM mechanism{CKM_RSA_PKCS_OAEP, &parameters, sizeof parameters};
  BH_TOKEN("decrypting", module_->C_DecryptInit(session_, &mechanism, key.handle));
  if (key.asks_again) {
    BH_TOKEN("logging in for the key", module_->C_Login(session_, CKU_CONTEXT_SPECIFIC,
                                                        const_cast<Byte*>(pin.data()), pin.size()));
  }
  crypto::SecretBytes out(key.modulus.size());
  CK_ULONG size = out.size();
  BH_TOKEN("decrypting", module_->C_Decrypt(session_, const_cast<Byte*>(box.data()), box.size(),
                                            out.mutable_view().data(), &size));
  if (size > out.size()) return fail(ErrorCode::kMalformed, "the token gives too much");
  return crypto::SecretBytes(out.view().first(size));
}

}  // namespace bulkhead::keeper
