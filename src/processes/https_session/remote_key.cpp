#include "processes/https_session/remote_key.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>

namespace bulkhead::processes {
namespace {

constexpr const char* kProvider = "bulkhead-remote-key";
constexpr const char* kGroup = "prime256v1";
constexpr const char* kSignerParameter = "bulkhead-signer";
constexpr std::size_t kPointBytes = 65;  // uncompressed (SEC 1)
constexpr int kBits = 256;
constexpr int kSecurityBits = 128;
constexpr std::size_t kMaxSignatureBytes = 72;  // DER of two numbers of 32 bytes

// --- key management (provider-keymgmt(7)): a public point, and who signs for it. The keys that
// libssl compares ours with come in here too, and have no signer.

struct Key {
  Bytes point;
  RemoteKey* signer = nullptr;
};

void* new_key(void*) {
  return new Key;
}

void free_key(void* key) {
  delete static_cast<Key*>(key);
}

int key_has(const void* data, int selection) {
  const Key& key = *static_cast<const Key*>(data);
  if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 && key.signer == nullptr) return 0;
  return key.point.empty() ? 0 : 1;
}

int keys_match(const void* one, const void* other, int) {
  return static_cast<const Key*>(one)->point == static_cast<const Key*>(other)->point ? 1 : 0;
}

int import_key(void* data, int, const OSSL_PARAM parameters[]) {
  Key& key = *static_cast<Key*>(data);
  const OSSL_PARAM* point = OSSL_PARAM_locate_const(parameters, OSSL_PKEY_PARAM_PUB_KEY);
  if (point == nullptr || point->data_type != OSSL_PARAM_OCTET_STRING ||
      point->data_size != kPointBytes)
    return 0;
  const auto* bytes = static_cast<const Byte*>(point->data);
  key.point.assign(bytes, bytes + point->data_size);
  const OSSL_PARAM* signer = OSSL_PARAM_locate_const(parameters, kSignerParameter);
  if (signer != nullptr && signer->data_size == sizeof key.signer)
    std::memcpy(&key.signer, signer->data, sizeof key.signer);
  return 1;
}

const OSSL_PARAM* importable(int) {
  static const OSSL_PARAM kTypes[] = {
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0),
      OSSL_PARAM_octet_string(kSignerParameter, nullptr, 0), OSSL_PARAM_END};
  return kTypes;
}

// With the private half asked for there is nothing to hand out: so that libcrypto does not take the
// key to another provider to sign there.
int export_key(void* data, int selection, OSSL_CALLBACK* callback, void* argument) {
  if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) return 0;
  Key& key = *static_cast<Key*>(data);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(kGroup), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, key.point.data(),
                                        key.point.size()),
      OSSL_PARAM_construct_end()};
  return callback(parameters, argument);
}

int get_key_parameters(void* data, OSSL_PARAM parameters[]) {
  const Key& key = *static_cast<Key*>(data);
  const auto put = [&](const char* name, auto set) {
    OSSL_PARAM* parameter = OSSL_PARAM_locate(parameters, name);
    return parameter == nullptr || set(parameter) == 1;
  };
  const auto number = [](int value) {
    return [value](OSSL_PARAM* parameter) { return OSSL_PARAM_set_int(parameter, value); };
  };
  const auto text = [](const char* value) {
    return [value](OSSL_PARAM* parameter) { return OSSL_PARAM_set_utf8_string(parameter, value); };
  };
  const auto point = [&](OSSL_PARAM* parameter) {
    return OSSL_PARAM_set_octet_string(parameter, key.point.data(), key.point.size());
  };
  return put(OSSL_PKEY_PARAM_BITS, number(kBits)) &&
                 put(OSSL_PKEY_PARAM_SECURITY_BITS, number(kSecurityBits)) &&
                 put(OSSL_PKEY_PARAM_MAX_SIZE, number(kMaxSignatureBytes)) &&
                 put(OSSL_PKEY_PARAM_GROUP_NAME, text(kGroup)) &&
                 put(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, text("uncompressed")) &&
                 put(OSSL_PKEY_PARAM_DEFAULT_DIGEST, text("SHA256")) &&
                 put(OSSL_PKEY_PARAM_PUB_KEY, point) &&
                 put(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point)
             ? 1
             : 0;
}

const OSSL_PARAM* gettable_key_parameters(void*) {
  static const OSSL_PARAM kTypes[] = {
      OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, nullptr, 0),
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, nullptr, 0),
      OSSL_PARAM_END};
  return kTypes;
}

const char* operation_name(int operation) {
  return operation == OSSL_OP_SIGNATURE ? "ECDSA" : nullptr;
}

// --- signing (provider-signature(7)), over whole contents only

struct Signing {
  RemoteKey* signer = nullptr;
};

void* new_signing(void*, const char*) {
  return new Signing;
}

void free_signing(void* signing) {
  delete static_cast<Signing*>(signing);
}

int begin_signing(void* data, const char* digest, void* key, const OSSL_PARAM[]) {
  const bool sha256 = digest == nullptr || std::strcmp(digest, "SHA256") == 0 ||
                      std::strcmp(digest, "SHA2-256") == 0;
  if (!sha256 || key == nullptr) return 0;
  static_cast<Signing*>(data)->signer = static_cast<Key*>(key)->signer;
  return static_cast<Signing*>(data)->signer == nullptr ? 0 : 1;
}

// Called first for the size, which is the most that it can be, then for the signature.
int sign_content(void* data, unsigned char* signature, std::size_t* size, std::size_t room,
                 const unsigned char* content, std::size_t content_size) {
  if (signature == nullptr) {
    *size = kMaxSignatureBytes;
    return 1;
  }
  const auto made = static_cast<Signing*>(data)->signer->sign(ByteView(content, content_size));
  if (!made || made->size() > room) return 0;
  std::ranges::copy(*made, signature);
  *size = made->size();
  return 1;
}

// --- the provider (provider-base(7))

template <typename Function>
constexpr OSSL_DISPATCH row(int number, Function* function) {
  return {number, reinterpret_cast<void (*)()>(function)};
}

const OSSL_ALGORITHM* algorithms_of(void*, int operation, int* no_cache) {
  static const OSSL_DISPATCH kKeyManagement[] = {
      row(OSSL_FUNC_KEYMGMT_NEW, new_key),
      row(OSSL_FUNC_KEYMGMT_FREE, free_key),
      row(OSSL_FUNC_KEYMGMT_HAS, key_has),
      row(OSSL_FUNC_KEYMGMT_MATCH, keys_match),
      row(OSSL_FUNC_KEYMGMT_IMPORT, import_key),
      row(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, importable),
      row(OSSL_FUNC_KEYMGMT_EXPORT, export_key),
      row(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, importable),
      row(OSSL_FUNC_KEYMGMT_GET_PARAMS, get_key_parameters),
      row(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, gettable_key_parameters),
      row(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, operation_name),
      {0, nullptr}};
  static const OSSL_DISPATCH kSignature[] = {
      row(OSSL_FUNC_SIGNATURE_NEWCTX, new_signing),
      row(OSSL_FUNC_SIGNATURE_FREECTX, free_signing),
      row(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, begin_signing),
      row(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, sign_content),
      {0, nullptr}};
  static const OSSL_ALGORITHM kKeys[] = {{"EC:id-ecPublicKey:1.2.840.10045.2.1",
                                          "provider=bulkhead-remote-key", kKeyManagement, nullptr},
                                         {nullptr, nullptr, nullptr, nullptr}};
  static const OSSL_ALGORITHM kSignatures[] = {
      {"ECDSA", "provider=bulkhead-remote-key", kSignature, nullptr},
      {nullptr, nullptr, nullptr, nullptr}};
  *no_cache = 0;
  if (operation == OSSL_OP_KEYMGMT) return kKeys;
  return operation == OSSL_OP_SIGNATURE ? kSignatures : nullptr;
}

int start_provider(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH*, const OSSL_DISPATCH** out,
                   void** context) {
  static const OSSL_DISPATCH kProviderFunctions[] = {
      row(OSSL_FUNC_PROVIDER_QUERY_OPERATION, algorithms_of), {0, nullptr}};
  *out = kProviderFunctions;
  *context = const_cast<OSSL_CORE_HANDLE*>(handle);
  return 1;
}

}  // namespace

Result<std::unique_ptr<RemoteKey>> RemoteKey::create(ByteView public_point, SignRemotely sign) {
  if (public_point.size() != kPointBytes)
    return fail(ErrorCode::kUnsupported, "the server's key is not one on P-256");
  std::unique_ptr<RemoteKey> made(new RemoteKey(std::move(sign)));
  made->library_ = OSSL_LIB_CTX_new();
  if (made->library_ == nullptr ||
      OSSL_PROVIDER_add_builtin(made->library_, kProvider, start_provider) != 1 ||
      OSSL_PROVIDER_load(made->library_, kProvider) == nullptr)
    return fail(ErrorCode::kInternal, "libcrypto does not take the provider");
  RemoteKey* signer = made.get();
  Bytes point = to_bytes(public_point);
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(kGroup), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_octet_string(kSignerParameter, &signer, sizeof signer),
      OSSL_PARAM_construct_end()};
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(made->library_, "EC", nullptr);
  const bool good = context != nullptr && EVP_PKEY_fromdata_init(context) == 1 &&
                    EVP_PKEY_fromdata(context, &made->key_, EVP_PKEY_KEYPAIR, parameters) == 1;
  EVP_PKEY_CTX_free(context);
  if (!good) return fail(ErrorCode::kInternal, "libcrypto does not take the server's key");
  return made;
}

RemoteKey::~RemoteKey() {
  EVP_PKEY_free(key_);
  OSSL_LIB_CTX_free(library_);
}

Result<Bytes> RemoteKey::sign(ByteView content) {
  auto made = sign_(content);
  last_ = made ? Status() : Status(fail(made.error()));
  return made;
}

}  // namespace bulkhead::processes
