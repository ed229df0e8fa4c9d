#include "sshwire/exchange_hash.h"

#include <algorithm>

#include "crypto/digest.h"
#include "sshwire/kexinit.h"
#include "sshwire/names.h"
#include "sshwire/numbers.h"

namespace bulkhead::sshwire {
namespace {
void hash_string(crypto::Hasher& hasher, ByteView contents) {
  Byte size[4];
  store_be(size, static_cast<std::uint32_t>(contents.size()));
  hasher.update(size);
  hasher.update(contents);
}

Status check_bounds(const ExchangeHashInputs& in) {
  if (in.client_kexinit.size() > kMaxKexinitBytes || in.client_public.size() > kMaxKexPublicBytes ||
      in.server_public.size() > kMaxKexPublicBytes ||
      in.shared_secret.size() > kMaxSharedSecretBytes) {
    return fail(ErrorCode::kLimitExceeded, "a field of the key exchange is too long");
  }
  if (!is_version(in.client_version))
    return fail(ErrorCode::kMalformed, "the client's version is malformed");
  if (in.client_kexinit.empty() || in.client_kexinit[0] != kMsgKexinit) {
    return fail(ErrorCode::kMalformed, "the client's KEXINIT is none");
  }
  return {};
}

// Nothing but for group exchange.
Result<Bytes> fields_of_group(const KexName& kex, const ExchangeHashInputs& in) {
  if (kex.group_exchange != in.group_request.has_value()) {
    return fail(ErrorCode::kMalformed, "a group request belongs to group exchange, and only there");
  }
  if (!kex.group_exchange) return Bytes();
  const auto group = choose_group(*in.group_request);
  if (!group) return fail(ErrorCode::kMalformed, "no group has the size that was asked for");
  return group_fields(*in.group_request, *group);
}
}  // namespace

bool is_version(std::string_view version) {
  if (version.size() > kMaxVersionBytes) return false;
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (!std::ranges::all_of(version, printable)) return false;
  for (const std::string_view prefix : {"SSH-2.0-", "SSH-1.99-"}) {
    if (version.starts_with(prefix) && version.size() > prefix.size()) return true;
  }
  return false;
}

Result<Bytes> exchange_hash(std::string_view kex_algorithm, const ExchangeHashInputs& in) {
  const KexName* kex = find_kex(kex_algorithm);
  if (kex == nullptr)
    return fail(ErrorCode::kUnsupported, "this key exchange method is not offered");
  BH_CHECK(check_bounds(in));
  BH_TRY(const Bytes group, fields_of_group(*kex, in));
  crypto::Hasher hasher(kex->hash);
  hash_string(hasher, as_bytes(in.client_version));
  hash_string(hasher, as_bytes(in.server_version));
  hash_string(hasher, in.client_kexinit);
  hash_string(hasher, in.server_kexinit);
  hash_string(hasher, in.host_key_blob);
  hasher.update(group);
  hash_string(hasher, in.client_public);
  hash_string(hasher, in.server_public);
  hash_string(hasher, in.shared_secret);
  return hasher.finish();
}

}  // namespace bulkhead::sshwire
