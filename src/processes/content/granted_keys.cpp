#include "processes/content/granted_keys.h"

#include <algorithm>

namespace bulkhead::processes {
namespace {
constexpr std::size_t kMostKeys = 256;  // 16 GiB of a file; beyond, the lowest are asked for again
}  // namespace

Status GrantedKeys::add(std::uint64_t extent, std::string_view bytes) {
  crypto::AeadKey key;
  if (bytes.size() != key.size())
    return fail(ErrorCode::kInternal, "the vault granted something that is no key");
  std::ranges::copy(as_bytes(bytes), key.mutable_view().begin());
  if (keys_.size() >= kMostKeys) keys_.erase(keys_.begin());
  keys_.insert_or_assign(extent, std::move(key));
  return {};
}

Result<const crypto::AeadKey*> GrantedKeys::get(std::uint64_t extent) {
  if (const auto found = keys_.find(extent); found != keys_.end()) return &found->second;
  channel::Request request;
  auto* grant = request.mutable_grant_extents();
  grant->set_handle(handle_);
  grant->set_first(static_cast<std::uint32_t>(extent));
  grant->set_count(1);
  grant->set_for_writing(for_writing_);
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request)));
  if (reply.granted_extents().key_size() != 1)
    return fail(ErrorCode::kInternal, "the vault granted no key");
  BH_CHECK(add(extent, reply.granted_extents().key(0)));
  return &keys_.at(extent);
}

}  // namespace bulkhead::processes
