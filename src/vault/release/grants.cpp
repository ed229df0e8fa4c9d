// Extent grants: what leaves the vault instead of a file key. Journalled before, charged once per
// session, version and extent, refused when contained.
#include <algorithm>

#include "proto/journal.pb.h"
#include "store/extent_key.h"
#include "vault/limits.h"
#include "vault/vault.h"

namespace bulkhead::vault {
namespace {

std::uint64_t bytes_in_extent(std::uint64_t size, std::uint64_t extent) {
  const std::uint64_t start = extent * store::kExtentSize;
  return start >= size ? 0 : std::min(store::kExtentSize, size - start);
}

void add_keys(channel::GrantedExtents& granted, const FileKey& key, const LineageId& lineage,
              std::uint32_t first, std::uint32_t count) {
  granted.set_first(first);
  for (std::uint32_t i = 0; i < count; ++i) {
    const crypto::AeadKey extent = store::derive_extent_key(key, lineage, first + i);
    granted.add_key(to_string(ByteView(extent.view())));
  }
}

}  // namespace

Outcome Vault::on_grant_extents(Session& session, const channel::Request& request) {
  const channel::GrantExtents& wanted = request.grant_extents();
  FileHandle* handle = file_handle(session, wanted.handle());
  if (handle == nullptr) return fail(ErrorCode::kInvalidArgument, "no such handle");
  if (wanted.count() == 0 || wanted.count() > kMaxExtentsPerGrant ||
      wanted.first() + std::uint64_t{wanted.count()} > kMaxFileBytes / store::kExtentSize) {
    return fail(ErrorCode::kInvalidArgument, "no such extents");
  }
  return wanted.for_writing() ? grant_writing(session, *handle, wanted)
                              : grant_reading(session, *handle, wanted);
}

Result<Answer> Vault::grant_reading(Session& session, FileHandle& handle,
                                    const channel::GrantExtents& wanted) {
  if (!handle.key) return fail(ErrorCode::kPermissionDenied, "nothing on this handle may be read");
  // A file opened only for writing still needs the extents that it rewrites in part; see
  // grant_writing.
  if (!handle.reading && !handle.writing)
    return fail(ErrorCode::kPermissionDenied, "not opened for reading");
  const std::uint32_t purpose = session.kind == ProcessKind::kAnalyst ? journal::ANALYSIS
                                : handle.reading                      ? journal::READING
                                                                      : journal::WRITING;
  BH_TRY(const FileKey* key, handle.key.get());
  Answer answer;
  BH_TRY(answer.after_entries,
         journal_release(session, handle, wanted.first(), wanted.count(), purpose));
  add_keys(*answer.reply.mutable_granted_extents(), *key, handle.lineage, wanted.first(),
           wanted.count());
  return answer;
}

Result<Answer> Vault::grant_writing(Session& session, FileHandle& handle,
                                    const channel::GrantExtents& wanted) {
  if (!handle.write_key || handle.finished)
    return fail(ErrorCode::kPermissionDenied, "not opened for writing");
  BH_CHECK(refuse_upload_when_contained(session));
  BH_TRY(const FileKey* key, handle.write_key.get());
  Answer answer;
  if (!handle.fresh_lineage) {
    BH_TRY(answer.after_entries,
           journal_release(session, handle, wanted.first(), wanted.count(), journal::WRITING));
  }
  add_keys(*answer.reply.mutable_granted_extents(), *key, handle.write_lineage, wanted.first(),
           wanted.count());
  return answer;
}

// Returns how many entries must be durable before the keys leave.
Result<std::uint64_t> Vault::journal_release(Session& session, FileHandle& handle,
                                             std::uint32_t first, std::uint32_t count,
                                             std::uint32_t purpose) {
  BH_CHECK(refuse_release_when_contained(session));
  journal::Entry entry;
  auto* released = entry.mutable_extents_released();
  std::uint64_t bytes = 0;
  for (std::uint32_t extent = first; extent < first + count; ++extent) {
    if (session.charged.contains({handle.lineage, handle.version, extent})) continue;
    bytes += bytes_in_extent(handle.size, extent);
    released->add_extent(extent);
  }
  if (released->extent_size() == 0)
    return parts_.journal.size();  // an earlier grant's entry may be on its way still
  if (session.kind != ProcessKind::kAnalyst) {
    BH_CHECK(
        charge(session, {.node = handle.node,
                         .version = handle.version,
                         .bytes = bytes,
                         .files = session.charged_versions.contains(handle.version) ? 0U : 1U}));
    released->set_user(session.user->id.value);
  }
  released->set_version(handle.version.value);
  released->set_lineage(to_string(ByteView(handle.lineage)));
  released->set_bytes(bytes);
  released->set_purpose(static_cast<journal::ReleasePurpose>(purpose));
  for (const std::uint32_t extent : released->extent())
    session.charged.insert({handle.lineage, handle.version, extent});
  session.charged_versions.insert(handle.version);
  return record(session.id, std::move(entry));
}

}  // namespace bulkhead::vault
