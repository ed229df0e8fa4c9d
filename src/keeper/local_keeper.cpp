#include "keeper/local_keeper.h"

#include <algorithm>
#include <utility>

#include "keeper/root_key_file.h"

namespace bulkhead::keeper {
namespace {

using crypto::AeadKey;

// What a wrapped key is for is bound into its box: a key of one kind never opens as another.
Bytes purpose(std::string_view kind, std::uint64_t id = 0, std::uint32_t epoch = 0,
              ByteView rest = {}) {
  Bytes bytes = to_bytes(as_bytes(kind));
  const std::size_t at = bytes.size();
  bytes.resize(at + 12);
  store_be(bytes.data() + at, id);
  store_be(bytes.data() + at + 8, epoch);
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

Bytes system_purpose() {
  return purpose("bulkhead system key v1");
}
Bytes organisation_purpose(vault::KeyEpoch which) {
  return purpose("bulkhead organisation key v1", which.organisation.value, which.epoch);
}
Bytes file_purpose(vault::KeyEpoch which, const vault::LineageId& lineage) {
  return purpose("bulkhead file key v1", which.organisation.value, which.epoch, lineage);
}

Result<AeadKey> unwrap(const AeadKey& wrapping, ByteView associated, ByteView wrapped,
                       std::string_view what) {
  const auto opened = crypto::open_box(wrapping, associated, wrapped);
  if (!opened || opened->size() != AeadKey::size()) {
    return fail(ErrorCode::kCorrupt, std::string(what) +
                                         " does not open: the root key is another deployment's, or "
                                         "the wrapped key was changed");
  }
  AeadKey key;
  std::ranges::copy(opened->view(), key.mutable_view().begin());
  return key;
}

constexpr std::string_view kSystemKey = "the deployment's system key";
constexpr std::string_view kOrganisationKey = "an organisation's key";

std::unexpected<Error> sealed() {
  return fail(ErrorCode::kRefused, "the deployment is sealed: no key is given out");
}

}  // namespace

AeadKey fresh_key(crypto::Random& random) {
  AeadKey key;
  random.fill(key.mutable_view());
  return key;
}

LocalKeeper::LocalKeeper(AeadKey root_key, crypto::Random& random)
    : root_key_(std::move(root_key)),
      random_(random),
      box_key_(crypto::SealedBoxKeyPair::generate()) {}
LocalKeeper::~LocalKeeper() = default;

Result<Bytes> LocalKeeper::create_system_key() {
  if (!root_key_) return sealed();
  const AeadKey key = fresh_key(random_);
  return crypto::seal_box(*root_key_, system_purpose(), key.view(), random_);
}

Result<AeadKey> LocalKeeper::unwrap_system_key(ByteView wrapped) {
  if (!root_key_) return sealed();
  auto key = unwrap(*root_key_, system_purpose(), wrapped, kSystemKey);
  if (key || !other_root_key_) return key;
  BH_TRY(key, unwrap(*other_root_key_, system_purpose(), wrapped, kSystemKey));
  std::swap(root_key_, other_root_key_);
  return key;
}

Result<Bytes> LocalKeeper::create_organisation_key(vault::KeyEpoch which) {
  if (!root_key_) return sealed();
  other_root_key_.reset();
  const AeadKey key = fresh_key(random_);
  return crypto::seal_box(*root_key_, organisation_purpose(which), key.view(), random_);
}

Status LocalKeeper::load_organisation_key(vault::KeyEpoch which, ByteView wrapped) {
  if (!root_key_) return sealed();
  other_root_key_.reset();
  BH_TRY(AeadKey key, unwrap(*root_key_, organisation_purpose(which), wrapped, kOrganisationKey));
  organisation_keys_.insert_or_assign(which, std::move(key));
  return {};
}

Result<const AeadKey*> LocalKeeper::organisation_key(vault::KeyEpoch which) const {
  if (!root_key_) return sealed();
  const auto found = organisation_keys_.find(which);
  if (found == organisation_keys_.end())
    return fail(ErrorCode::kNotFound, "no such organisation key is loaded");
  return &found->second;
}

Result<LocalKeeper::NewFileKey> LocalKeeper::create_file_key(vault::KeyEpoch which) {
  BH_TRY(const AeadKey* wrapping, organisation_key(which));
  NewFileKey fresh{random_.array<16>(), fresh_key(random_), {}};
  fresh.wrapped =
      crypto::seal_box(*wrapping, file_purpose(which, fresh.lineage), fresh.key.view(), random_);
  return fresh;
}

vault::AwaitedFileKey LocalKeeper::await_file_key(vault::KeyEpoch which,
                                                  const vault::LineageId& lineage,
                                                  ByteView wrapped) {
  return unwrap_file_key(which, lineage, wrapped);
}

// Nothing is ever on its way here.
Result<vault::FileKey> LocalKeeper::finish(std::uint64_t) {
  return fail(ErrorCode::kInternal, "no file key is under way");
}

Result<vault::FileKey> LocalKeeper::unwrap_file_key(vault::KeyEpoch which,
                                                    const vault::LineageId& lineage,
                                                    ByteView wrapped) {
  BH_TRY(const AeadKey* wrapping, organisation_key(which));
  BH_TRY(vault::FileKey key,
         unwrap(*wrapping, file_purpose(which, lineage), wrapped, "a file key"));
  ++file_keys_unwrapped_;
  return key;
}

// --- Changing keys
// --------------------------------------------------------------------------------------------------

Result<LocalKeeper::RootKeyFacts> LocalKeeper::root_key() {
  if (!root_key_) return sealed();
  return RootKeyFacts{root_key_id(*root_key_), to_bytes(box_key_.public_key())};
}

Result<Bytes> LocalKeeper::adopt_root_key(ByteView box) {
  if (!root_key_) return sealed();
  BH_TRY(const crypto::SecretBytes opened, box_key_.open(box));
  if (opened.size() != AeadKey::size())
    return fail(ErrorCode::kMalformed, "what was boxed is no root key");
  AeadKey next;
  std::ranges::copy(opened.view(), next.mutable_view().begin());
  other_root_key_.reset();
  rewrapped_.clear();
  next_root_key_ = std::move(next);
  return root_key_id(*next_root_key_);
}

Result<Bytes> LocalKeeper::rewrap_system_key(ByteView wrapped) {
  if (!root_key_ || !next_root_key_) return sealed();
  BH_TRY(const AeadKey key, unwrap(*root_key_, system_purpose(), wrapped, kSystemKey));
  return crypto::seal_box(*next_root_key_, system_purpose(), key.view(), random_);
}

Result<Bytes> LocalKeeper::rewrap_organisation_key(vault::KeyEpoch which, ByteView wrapped) {
  if (!root_key_ || !next_root_key_) return sealed();
  const Bytes purpose = organisation_purpose(which);
  BH_TRY(const AeadKey key, unwrap(*root_key_, purpose, wrapped, kOrganisationKey));
  rewrapped_.insert(which);
  return crypto::seal_box(*next_root_key_, purpose, key.view(), random_);
}

Status LocalKeeper::settle_root_key() {
  if (!root_key_ || !next_root_key_) return sealed();
  root_key_ = std::exchange(next_root_key_, std::nullopt);
  std::erase_if(organisation_keys_,
                [&](const auto& key) { return !rewrapped_.contains(key.first); });
  rewrapped_.clear();
  return {};
}

Result<Bytes> LocalKeeper::rewrap_file_key(vault::KeyEpoch from, vault::KeyEpoch to,
                                           const vault::LineageId& lineage, ByteView wrapped) {
  if (from.organisation != to.organisation)
    return fail(ErrorCode::kInvalidArgument, "a file key stays its organisation's");
  BH_TRY(const AeadKey* unwrapping, organisation_key(from));
  BH_TRY(const AeadKey* wrapping, organisation_key(to));
  BH_TRY(const vault::FileKey key,
         unwrap(*unwrapping, file_purpose(from, lineage), wrapped, "a file key"));
  return crypto::seal_box(*wrapping, file_purpose(to, lineage), key.view(), random_);
}

void LocalKeeper::forget_organisation_key(vault::KeyEpoch which) {
  organisation_keys_.erase(which);
}

Status LocalKeeper::unseal(AeadKey root_key, std::optional<AeadKey> other) {
  if (forgotten_) {
    return fail(ErrorCode::kRefused,
                "the keeper has forgotten its keys because of a containment: they come back with "
                "a start of the server, after the containment was lifted");
  }
  if (root_key_) return fail(ErrorCode::kConflict, "the deployment is not sealed");
  root_key_ = std::move(root_key);
  other_root_key_ = std::move(other);
  return {};
}

void LocalKeeper::forget() {
  forgotten_ = true;
  organisation_keys_.clear();
  root_key_.reset();
  other_root_key_.reset();
  next_root_key_.reset();
}

}  // namespace bulkhead::keeper
