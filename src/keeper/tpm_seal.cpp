#include "keeper/tpm_seal.h"

#include <fmt/format.h>
#include <tss2/tss2_mu.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <set>

#include "crypto/digest.h"

namespace bulkhead::keeper {
namespace {

constexpr unsigned kPcrs = 24;                         // PC Client Platform Profile, 4.6
constexpr TPM2_HANDLE kStorageKeyHandle = 0x81000001;  // TPM v2.0 Provisioning Guidance, 7.8

struct FreeTpm {
  void operator()(void* given) const { Esys_Free(given); }
};
template <typename T>
using FromTpm = std::unique_ptr<T, FreeTpm>;

#define BH_TPM(doing, ...)                                                 \
  do {                                                                     \
    if (const TSS2_RC bh_code = (__VA_ARGS__); bh_code != TSS2_RC_SUCCESS) \
      return tpm_refusal(bh_code, doing);                                  \
  } while (false)

template <typename Buffer>
Status put(Buffer& out, ByteView bytes, BYTE* at, std::size_t room) {
  if (bytes.size() > room)
    return fail(ErrorCode::kMalformed, "a value of the TPM's seal is too long");
  out.size = static_cast<UINT16>(bytes.size());
  std::ranges::copy(bytes, at);
  return {};
}

// --- the storage key that everything hangs on
// ----------------------------------------------------------------------------

// Template L-2 of the EK Credential Profile as a storage key (Provisioning Guidance, 7.5.1):
// ECC on P-256, AES-128-CFB inside.
TPM2B_PUBLIC storage_key_template() {
  TPM2B_PUBLIC wanted{};
  TPMT_PUBLIC& area = wanted.publicArea;
  area.type = TPM2_ALG_ECC;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                          TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
                          TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
  area.parameters.eccDetail.symmetric.algorithm = TPM2_ALG_AES;
  area.parameters.eccDetail.symmetric.keyBits.aes = 128;
  area.parameters.eccDetail.symmetric.mode.aes = TPM2_ALG_CFB;
  area.parameters.eccDetail.scheme.scheme = TPM2_ALG_NULL;
  area.parameters.eccDetail.curveID = TPM2_ECC_NIST_P256;
  area.parameters.eccDetail.kdf.scheme = TPM2_ALG_NULL;
  return wanted;
}

struct StorageKey {
  ESYS_TR handle = ESYS_TR_NONE;
  Bytes name;  // a digest of its public area: says which one it is
};

Result<Bytes> name_of(TpmDevice& tpm, ESYS_TR handle) {
  TPM2B_NAME* name = nullptr;
  BH_TPM("to name its storage key", Esys_TR_GetName(tpm.esys(), handle, &name));
  const FromTpm<TPM2B_NAME> freed(name);
  return Bytes(name->name, name->name + name->size);
}

// The one that the machine's owner has made, if it is there and can be a parent.
Result<StorageKey> kept_storage_key(TpmDevice& tpm) {
  StorageKey key;
  const TSS2_RC found = Esys_TR_FromTPMPublic(tpm.esys(), kStorageKeyHandle, ESYS_TR_NONE,
                                              ESYS_TR_NONE, ESYS_TR_NONE, &key.handle);
  if (found != TSS2_RC_SUCCESS) return fail(ErrorCode::kNotFound, "there is none");
  TPM2B_PUBLIC* area = nullptr;
  BH_TPM("to read its storage key",
         Esys_ReadPublic(tpm.esys(), key.handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &area,
                         nullptr, nullptr));
  const FromTpm<TPM2B_PUBLIC> freed(area);
  constexpr TPMA_OBJECT kParent = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
  if ((area->publicArea.objectAttributes & kParent) != kParent)
    return fail(ErrorCode::kNotFound, "it is none");
  BH_TRY(key.name, name_of(tpm, key.handle));
  return key;
}

// Made of the owner hierarchy's seed: the same one every time, until the TPM is cleared.
Result<StorageKey> derived_storage_key(TpmDevice& tpm) {
  const TPM2B_PUBLIC wanted = storage_key_template();
  const TPM2B_SENSITIVE_CREATE sensitive{};
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION pcrs{};
  StorageKey key;
  TPM2B_PUBLIC* area = nullptr;
  TPM2B_CREATION_DATA* data = nullptr;
  TPM2B_DIGEST* hash = nullptr;
  TPMT_TK_CREATION* ticket = nullptr;
  const TSS2_RC code = Esys_CreatePrimary(tpm.esys(), ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
                                          ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &wanted, &outside,
                                          &pcrs, &key.handle, &area, &data, &hash, &ticket);
  const FromTpm<TPM2B_PUBLIC> free_area(area);
  const FromTpm<TPM2B_CREATION_DATA> free_data(data);
  const FromTpm<TPM2B_DIGEST> free_hash(hash);
  const FromTpm<TPMT_TK_CREATION> free_ticket(ticket);
  if (code != TSS2_RC_SUCCESS) return tpm_refusal(code, "to make its storage key");
  tpm.flush_at_end(key.handle);
  BH_TRY(key.name, name_of(tpm, key.handle));
  return key;
}

Result<StorageKey> any_storage_key(TpmDevice& tpm) {
  if (auto kept = kept_storage_key(tpm)) return kept;
  return derived_storage_key(tpm);
}

Result<StorageKey> storage_key_named(TpmDevice& tpm, ByteView name) {
  if (auto kept = kept_storage_key(tpm); kept && equal(kept->name, name)) return kept;
  BH_TRY(StorageKey key, derived_storage_key(tpm));
  if (equal(key.name, name)) return key;
  return fail(ErrorCode::kRefused,
              fmt::format("the TPM {} is not the one that the root key was sealed by, or was "
                          "cleared since: open the root key by another seal, then seal it anew "
                          "with bulkhead rekey --add-seal tpm",
                          tpm.path()));
}

// --- sessions
// -------------------------------------------------------------------------------------------------------------

// Salted to the storage key: who listens on the bus learns nothing of what is encrypted in it.
Result<ESYS_TR> start_session(TpmDevice& tpm, const StorageKey& key, TPM2_SE kind,
                              TPMA_SESSION attributes) {
  TPMT_SYM_DEF symmetric{};
  symmetric.algorithm = TPM2_ALG_AES;
  symmetric.keyBits.aes = 128;
  symmetric.mode.aes = TPM2_ALG_CFB;
  ESYS_TR session = ESYS_TR_NONE;
  BH_TPM("a session",
         Esys_StartAuthSession(tpm.esys(), key.handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                               ESYS_TR_NONE, nullptr, kind, &symmetric, TPM2_ALG_SHA256, &session));
  tpm.flush_at_end(session);
  BH_TPM("a session's attributes",
         Esys_TRSess_SetAttributes(tpm.esys(), session, attributes | TPMA_SESSION_CONTINUESESSION,
                                   0xff));
  return session;
}

// --- PCRs
// -----------------------------------------------------------------------------------------------------------------

TPML_PCR_SELECTION selection_of(const std::vector<unsigned>& pcrs) {
  TPML_PCR_SELECTION selection{};
  selection.count = 1;
  selection.pcrSelections[0].hash = TPM2_ALG_SHA256;
  selection.pcrSelections[0].sizeofSelect = kPcrs / 8;
  for (const unsigned pcr : pcrs)
    selection.pcrSelections[0].pcrSelect[pcr / 8] |= static_cast<BYTE>(1U << (pcr % 8));
  return selection;
}

// In a session that is audited: values that somebody changed on the way are an error. A TPM gives
// some at a time.
Result<std::vector<crypto::Sha256>> read_pcrs(TpmDevice& tpm, const StorageKey& key,
                                              const std::vector<unsigned>& pcrs) {
  std::vector<crypto::Sha256> values;
  if (pcrs.empty()) return values;
  BH_TRY(const ESYS_TR session, start_session(tpm, key, TPM2_SE_HMAC, TPMA_SESSION_AUDIT));
  while (values.size() < pcrs.size()) {
    const auto rest =
        selection_of({pcrs.begin() + static_cast<std::ptrdiff_t>(values.size()), pcrs.end()});
    UINT32 counter = 0;
    TPML_PCR_SELECTION* selected = nullptr;
    TPML_DIGEST* digests = nullptr;
    BH_TPM("to read its PCRs", Esys_PCR_Read(tpm.esys(), session, ESYS_TR_NONE, ESYS_TR_NONE, &rest,
                                             &counter, &selected, &digests));
    const FromTpm<TPML_PCR_SELECTION> free_selected(selected);
    const FromTpm<TPML_DIGEST> free_digests(digests);
    if (digests->count == 0 || digests->count > pcrs.size() - values.size()) {
      return fail(ErrorCode::kUnsupported,
                  "the TPM has no SHA-256 bank of these PCRs: choose others, or none");
    }
    for (UINT32 i = 0; i < digests->count; ++i) {
      const TPM2B_DIGEST& digest = digests->digests[i];
      crypto::Sha256 value{};
      if (digest.size != value.size())
        return fail(ErrorCode::kMalformed, "the TPM's PCRs have the wrong size");
      std::copy_n(digest.buffer, value.size(), value.begin());
      values.push_back(value);
    }
  }
  return values;
}

crypto::Sha256 digest_of(const std::vector<crypto::Sha256>& values) {
  crypto::Hasher hasher;
  for (const crypto::Sha256& value : values)
    hasher.update(value);
  return hasher.finish_sha256();
}

// --- the policy: PolicyPCR, where there are any, then PolicyAuthValue (part 3, 23.7 and 23.17)
// ---------------------------------------

Bytes command_code(TPM2_CC code) {
  Bytes bytes(4);
  store_be(bytes.data(), static_cast<std::uint32_t>(code));
  return bytes;
}

// Computed here and not asked of the TPM: who stands in between could give a weaker one.
crypto::Sha256 policy_digest(const std::vector<unsigned>& pcrs,
                             const std::vector<crypto::Sha256>& values) {
  crypto::Sha256 policy{};
  crypto::Hasher hasher;
  if (!pcrs.empty()) {
    const TPML_PCR_SELECTION selection = selection_of(pcrs);
    BYTE marshalled[sizeof selection];
    std::size_t size = 0;
    BH_ASSERT(Tss2_MU_TPML_PCR_SELECTION_Marshal(&selection, marshalled, sizeof marshalled,
                                                 &size) == TSS2_RC_SUCCESS);
    hasher.update(policy);
    hasher.update(command_code(TPM2_CC_PolicyPCR));
    hasher.update(ByteView(marshalled, size));
    hasher.update(digest_of(values));
    policy = hasher.finish_sha256();
  }
  hasher.update(policy);
  hasher.update(command_code(TPM2_CC_PolicyAuthValue));
  return hasher.finish_sha256();
}

// Trailing zeros are no part of an authValue (part 1, 19.6.5).
crypto::SecretBytes auth_value(ByteView salt, ByteView pin) {
  if (pin.empty()) return {};
  crypto::Sha256 value = crypto::hmac_sha256(salt, pin);
  std::size_t size = value.size();
  while (size > 0 && value[size - 1] == 0)
    --size;
  crypto::SecretBytes secret(ByteView(value).first(size));
  crypto::wipe(value);
  return secret;
}

// --- the sealed object
// ----------------------------------------------------------------------------------------------------

struct SealedObject {
  std::string public_area;  // marshalled, in hexadecimal
  std::string private_area;
};

Result<SealedObject> create_object(TpmDevice& tpm, const StorageKey& parent,
                                   const crypto::Secret<32>& key, ByteView auth,
                                   const crypto::Sha256& policy) {
  BH_TRY(const ESYS_TR session,
         start_session(tpm, parent, TPM2_SE_HMAC, TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT));
  TPM2B_SENSITIVE_CREATE sensitive{};
  TPMS_SENSITIVE_CREATE& inner = sensitive.sensitive;
  BH_CHECK(put(inner.userAuth, auth, inner.userAuth.buffer, sizeof inner.userAuth.buffer));
  BH_CHECK(put(inner.data, key.view(), inner.data.buffer, sizeof inner.data.buffer));
  TPM2B_PUBLIC wanted{};
  TPMT_PUBLIC& area = wanted.publicArea;
  area.type = TPM2_ALG_KEYEDHASH;
  area.nameAlg = TPM2_ALG_SHA256;
  // Without a PIN there is nothing to guess, and wrong ones of others must not lock it.
  area.objectAttributes =
      TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | (auth.empty() ? TPMA_OBJECT_NODA : 0);
  BH_CHECK(put(area.authPolicy, policy, area.authPolicy.buffer, sizeof area.authPolicy.buffer));
  area.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION no_pcrs{};
  TPM2B_PRIVATE* private_area = nullptr;
  TPM2B_PUBLIC* public_area = nullptr;
  TPM2B_CREATION_DATA* data = nullptr;
  TPM2B_DIGEST* hash = nullptr;
  TPMT_TK_CREATION* ticket = nullptr;
  const TSS2_RC code =
      Esys_Create(tpm.esys(), parent.handle, session, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
                  &wanted, &outside, &no_pcrs, &private_area, &public_area, &data, &hash, &ticket);
  crypto::wipe({reinterpret_cast<Byte*>(&sensitive), sizeof sensitive});
  const FromTpm<TPM2B_PRIVATE> free_private(private_area);
  const FromTpm<TPM2B_PUBLIC> free_public(public_area);
  const FromTpm<TPM2B_CREATION_DATA> free_data(data);
  const FromTpm<TPM2B_DIGEST> free_hash(hash);
  const FromTpm<TPMT_TK_CREATION> free_ticket(ticket);
  if (code != TSS2_RC_SUCCESS) return tpm_refusal(code, "to seal");
  BYTE bytes[sizeof(TPM2B_PUBLIC) + sizeof(TPM2B_PRIVATE)];
  std::size_t size = 0;
  SealedObject object;
  BH_TPM("", Tss2_MU_TPM2B_PUBLIC_Marshal(public_area, bytes, sizeof bytes, &size));
  object.public_area = to_hex(ByteView(bytes, size));
  size = 0;
  BH_TPM("", Tss2_MU_TPM2B_PRIVATE_Marshal(private_area, bytes, sizeof bytes, &size));
  object.private_area = to_hex(ByteView(bytes, size));
  return object;
}

Result<ESYS_TR> load_object(TpmDevice& tpm, const StorageKey& parent, ByteView public_area,
                            ByteView private_area) {
  TPM2B_PUBLIC open{};
  TPM2B_PRIVATE closed{};
  std::size_t at = 0;
  BH_TPM("what stands in the root key's file",
         Tss2_MU_TPM2B_PUBLIC_Unmarshal(public_area.data(), public_area.size(), &at, &open));
  at = 0;
  BH_TPM("what stands in the root key's file",
         Tss2_MU_TPM2B_PRIVATE_Unmarshal(private_area.data(), private_area.size(), &at, &closed));
  BH_TRY(const ESYS_TR session, start_session(tpm, parent, TPM2_SE_HMAC, 0));
  ESYS_TR object = ESYS_TR_NONE;
  BH_TPM("the sealed key: the root key's file was changed",
         Esys_Load(tpm.esys(), parent.handle, session, ESYS_TR_NONE, ESYS_TR_NONE, &closed, &open,
                   &object));
  tpm.flush_at_end(object);
  return object;
}

Result<crypto::Secret<32>> unseal(TpmDevice& tpm, const StorageKey& parent, ESYS_TR object,
                                  const std::vector<unsigned>& pcrs,
                                  const std::vector<crypto::Sha256>& values, ByteView auth) {
  BH_TRY(const ESYS_TR session, start_session(tpm, parent, TPM2_SE_POLICY, TPMA_SESSION_ENCRYPT));
  if (!pcrs.empty()) {
    const TPML_PCR_SELECTION selection = selection_of(pcrs);
    const crypto::Sha256 digest = digest_of(values);
    TPM2B_DIGEST expected{};
    BH_CHECK(put(expected, digest, expected.buffer, sizeof expected.buffer));
    BH_TPM("its PCRs", Esys_PolicyPCR(tpm.esys(), session, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                      &expected, &selection));
  }
  BH_TPM("the policy",
         Esys_PolicyAuthValue(tpm.esys(), session, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE));
  TPM2B_AUTH value{};
  BH_CHECK(put(value, auth, value.buffer, sizeof value.buffer));
  const TSS2_RC set = Esys_TR_SetAuth(tpm.esys(), object, &value);
  crypto::wipe({reinterpret_cast<Byte*>(&value), sizeof value});
  BH_TPM("the PIN", set);
  TPM2B_SENSITIVE_DATA* data = nullptr;
  BH_TPM("to unseal", Esys_Unseal(tpm.esys(), object, session, ESYS_TR_NONE, ESYS_TR_NONE, &data));
  const FromTpm<TPM2B_SENSITIVE_DATA> freed(data);
  crypto::Secret<32> key;
  const bool fits = data->size == key.size();
  if (fits) std::copy_n(data->buffer, key.size(), key.mutable_view().begin());
  crypto::wipe({reinterpret_cast<Byte*>(data), sizeof *data});
  if (!fits) return fail(ErrorCode::kMalformed, "what the TPM unsealed is no key");
  return key;
}

// --- fields of the file
// ---------------------------------------------------------------------------------------------------

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ","));
}

std::string value_or(const SealFields& fields, std::string_view name, std::string_view otherwise) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string(otherwise) : found->second;
}

Result<Bytes> bytes_field(const SealFields& fields, std::string_view name) {
  auto bytes = from_hex(value_or(fields, name, "-"));
  if (!bytes)
    return fail(ErrorCode::kMalformed, "the TPM's seal in the root key's file is damaged");
  return std::move(*bytes);
}

std::vector<std::string> names_of(const std::vector<unsigned>& pcrs) {
  std::vector<std::string> names;
  for (const unsigned pcr : pcrs)
    names.push_back(std::to_string(pcr));
  return names;
}

// Which of them are others now, before the TPM says no without a reason.
Status check_pcrs(const std::vector<unsigned>& pcrs, const std::vector<crypto::Sha256>& now,
                  std::string_view then) {
  std::vector<std::string> hex;
  std::vector<unsigned> changed;
  for (std::size_t i = 0; i < pcrs.size(); ++i) {
    hex.push_back(to_hex(now[i]));
    const std::string_view before = then.substr(std::min(then.size(), i * 65), 64);
    if (before != hex.back()) changed.push_back(pcrs[i]);
  }
  if (changed.empty()) return {};
  return fail(ErrorCode::kRefused,
              fmt::format("the TPM gives the root key only in the state that this machine was in "
                          "when it was sealed, and PCR {} is another now: if firmware, boot loader "
                          "or kernel were changed by you, open the root key by another seal "
                          "(bulkhead unseal), then seal it anew with bulkhead rekey --add-seal tpm",
                          join(names_of(changed))));
}

}  // namespace

Result<std::vector<unsigned>> parse_pcrs(std::string_view text) {
  if (text == "none") return std::vector<unsigned>();
  std::set<unsigned> pcrs;
  while (true) {
    const std::size_t end = std::min(text.find_first_of(",+"), text.size());
    unsigned pcr = kPcrs;
    const auto [at, error] = std::from_chars(text.data(), text.data() + end, pcr);
    if (error != std::errc() || at != text.data() + end || pcr >= kPcrs) {
      return fail(ErrorCode::kInvalidArgument,
                  "PCRs are numbers from 0 to 23 with commas between, or none");
    }
    pcrs.insert(pcr);
    if (end == text.size()) return std::vector<unsigned>(pcrs.begin(), pcrs.end());
    text.remove_prefix(end + 1);
  }
}

Result<SealDevice::Made> make_tpm_seal(const SealFields& wishes, ByteView secret,
                                       crypto::Random& random, const Confine& confine) {
  BH_TRY(const std::vector<unsigned> pcrs, parse_pcrs(value_or(wishes, "pcrs", kTpmPcrs)));
  const std::string path = value_or(wishes, "device", kTpmDevice);
  BH_TRY(TpmDevice tpm, TpmDevice::open(path, confine));
  BH_TRY(const StorageKey parent, any_storage_key(tpm));
  BH_TRY(const auto values, read_pcrs(tpm, parent, pcrs));
  SealDevice::Made made;
  random.fill(made.key.mutable_view());
  const auto salt = random.array<32>();
  const crypto::SecretBytes auth = auth_value(salt, secret);
  BH_TRY(const SealedObject object,
         create_object(tpm, parent, made.key, auth.view(), policy_digest(pcrs, values)));
  made.fields = {{"device", path},
                 {"pcrs", pcrs.empty() ? "none" : join(names_of(pcrs))},
                 {"parent", to_hex(parent.name)},
                 {"public", object.public_area},
                 {"private", object.private_area}};
  if (!pcrs.empty()) {
    std::vector<std::string> hex;
    for (const crypto::Sha256& value : values)
      hex.push_back(to_hex(value));
    made.fields["pcr-values"] = join(hex);
  }
  if (!secret.empty()) {
    made.fields["pin"] = "hmac-sha256";
    made.fields["salt"] = to_hex(salt);
  }
  return made;
}

Result<crypto::Secret<32>> open_tpm_seal(const SealFields& fields, ByteView secret,
                                         const Confine& confine) {
  BH_TRY(const std::vector<unsigned> pcrs, parse_pcrs(value_or(fields, "pcrs", "none")));
  BH_TRY(const Bytes parent_name, bytes_field(fields, "parent"));
  BH_TRY(const Bytes public_area, bytes_field(fields, "public"));
  BH_TRY(const Bytes private_area, bytes_field(fields, "private"));
  Bytes salt;
  if (fields.contains("pin")) {
    BH_TRY(salt, bytes_field(fields, "salt"));
  }
  BH_TRY(TpmDevice tpm, TpmDevice::open(value_or(fields, "device", kTpmDevice), confine));
  BH_TRY(const StorageKey parent, storage_key_named(tpm, parent_name));
  BH_TRY(const auto values, read_pcrs(tpm, parent, pcrs));
  BH_CHECK(check_pcrs(pcrs, values, value_or(fields, "pcr-values", "")));
  BH_TRY(const ESYS_TR object, load_object(tpm, parent, public_area, private_area));
  const crypto::SecretBytes auth =
      fields.contains("pin") ? auth_value(salt, secret) : crypto::SecretBytes();
  return unseal(tpm, parent, object, pcrs, values, auth.view());
}

}  // namespace bulkhead::keeper
