// CLOSE of an upload: its blob durable and writable by nobody, then one journal entry that makes it
// a version.
#include "proto/journal.pb.h"
#include "store/version.h"
#include "vault/files/blob_ids.h"
#include "vault/limits.h"
#include "vault/vault.h"

namespace bulkhead::vault {

void Vault::hold_contents(std::int64_t for_ms) {
  contents_held_until_ms_ = parts_.clock.monotonic_ms() + for_ms;
}

bool Vault::contents_are_held() const {
  return parts_.clock.monotonic_ms() < contents_held_until_ms_;
}

void Vault::remove_blob_after(std::uint64_t entries, Bytes blob) {
  when_durable(
      entries,
      [this, blob = std::move(blob)] {
        if (const auto id = blob_id(blob); id && !contents_are_held())
          (void)parts_.blobs.remove(*id);  // what is left over is found at the next start
      },
      journal::Urgency::kSoon);
}

// What was never written to can be the next upload's.
void Vault::recycle_blob_after(std::uint64_t entries, Bytes blob) {
  when_durable(
      entries,
      [this, blob = std::move(blob)] {
        if (const auto id = blob_id(blob); id && !contents_are_held())
          (void)parts_.blobs.recycle(*id);
      },
      journal::Urgency::kSoon);
}

namespace {

Result<store::VersionDescription> checked_description(const channel::CommitUpload& wanted,
                                                      std::size_t base_parts) {
  BH_TRY(const store::VersionDescription description,
         store::VersionDescription::parse(as_bytes(wanted.description())));
  if (description.size != wanted.size() || description.size > kMaxFileBytes) {
    return fail(ErrorCode::kInvalidArgument, "the description does not fit the size");
  }
  const bool inlined = description.kind == store::ContentKind::kInline;
  if (inlined != !wanted.inline_box().empty()) {
    return fail(ErrorCode::kInvalidArgument, "contents and description do not fit each other");
  }
  if (inlined && wanted.inline_box().size() > journal::kMaxPayloadSize) {
    return fail(ErrorCode::kLimitExceeded, "the inline contents are too large");
  }
  if (description.parts > base_parts + 1)
    return fail(ErrorCode::kInvalidArgument, "more parts than were handed out");
  return description;
}

bool written_suffices(const FileHandle& handle, const channel::CommitUpload& wanted) {
  return handle.durability == Durability::kCrash && !wanted.sync();
}

}  // namespace

Outcome Vault::on_commit_upload(Session& session, const channel::Request& request) {
  const channel::CommitUpload& wanted = request.commit_upload();
  FileHandle* handle = file_handle(session, wanted.handle());
  if (handle == nullptr || !handle->upload || handle->finished)
    return fail(ErrorCode::kInvalidArgument, "no upload on this handle");
  if (const Status contained = refuse_upload_when_contained(session); !contained)
    return std::unexpected(contained.error());
  auto description = checked_description(wanted, handle->base_parts.size());
  if (!description) return std::unexpected(std::move(description).error());
  const bool staging_used = description->parts > handle->base_parts.size();
  if (!staging_used) {
    auto answer = commit_record(session, *handle, wanted, *description);
    // Where nobody waits for the disk, the part must not either, or they run out; only for the
    // answer. It is empty: if a crash loses the commit, the upload begins anew.
    if (answer && answer->written_suffices) {
      const auto then = [this, blob = handle->staging_blob](const Status& written) {
        if (written) recycle_blob_after(0, blob);
      };
      parts_.committer.submit({.done = then, .urgency = journal::Urgency::kWritten});
    } else if (answer) {
      recycle_blob_after(answer->after_entries, handle->staging_blob);
    }
    if (answer && wanted.close()) session.handles.erase(wanted.handle());
    return answer;
  }
  return commit_after_sync(session, *handle, request, *description);
}

Outcome Vault::commit_after_sync(Session& session, FileHandle& handle,
                                 const channel::Request& request,
                                 const store::VersionDescription& description) {
  const auto blob = blob_id(handle.staging_blob);
  if (!blob) return std::unexpected(blob.error());
  // Nobody may be able to change what the entry will vouch for: not the edge, not a mapping that it
  // kept.
  auto sealed = parts_.blobs.seal(*blob);
  if (!sealed) return std::unexpected(std::move(sealed).error());
  if (written_suffices(handle, request.commit_upload()) && parts_.committer.sync_later(*sealed)) {
    auto answer = commit_record(session, handle, request.commit_upload(), description);
    if (answer && request.commit_upload().close())
      session.handles.erase(request.commit_upload().handle());
    return answer;
  }
  auto result = std::make_shared<Result<Answer>>(Answer{});
  parts_.committer.submit({
      .blobs = {std::move(*sealed)},
      .append = [this, result, request, description, channel = session.id]() -> Status {
        Session* at = live(channel);
        FileHandle* open =
            at == nullptr ? nullptr : file_handle(*at, request.commit_upload().handle());
        if (open == nullptr)
          return fail(ErrorCode::kDisconnected, "the session ended before its upload was stored");
        *result = commit_record(*at, *open, request.commit_upload(), description);
        if (!*result) return fail(result->error());
        if (request.commit_upload().close()) at->handles.erase(request.commit_upload().handle());
        return {};
      },
      .done =
          [this, result, channel = session.id, id = request.id()](Status done) {
            if (!done) *result = std::unexpected(std::move(done).error());
            finish(channel, id, std::move(*result));
          },
  });
  return std::nullopt;
}

Result<Answer> Vault::commit_record(Session& session, FileHandle& handle,
                                    const channel::CommitUpload& wanted,
                                    const store::VersionDescription& description) {
  // The file may have been renamed since the upload began: the upload is of the file, not of the
  // name that it had. Or the name may have been taken, or its folder removed.
  std::optional<NodeRow> existing;
  if (handle.node) {
    BH_TRY(existing, parts_.catalogue.node(handle.node));
  }
  if (!existing) {
    BH_TRY(const std::optional<NodeRow> parent, parts_.catalogue.node(handle.parent));
    if (!parent) return fail(ErrorCode::kNotFound, "the folder was removed meanwhile");
    BH_TRY(existing, parts_.catalogue.child(handle.parent, handle.name_hash));
  }
  if (existing && existing->is_folder)
    return fail(ErrorCode::kAlreadyExists, "a folder took that name meanwhile");
  const VersionId version = parts_.catalogue.next_version();
  const NodeId node = existing ? existing->id : parts_.catalogue.next_node();
  journal::Entry entry;
  auto* committed = entry.mutable_upload_committed();
  committed->set_upload(handle.upload.value);
  committed->set_version(version.value);
  committed->set_node(node.value);
  committed->set_size(description.size);
  committed->set_description(wanted.description());
  if (!wanted.inline_box().empty()) {
    committed->set_inline_sha256(
        to_string(ByteView(crypto::sha256(as_bytes(wanted.inline_box())))));
  }
  for (std::size_t i = 0; i < description.parts; ++i) {
    const Bytes& part = i < handle.base_parts.size() ? handle.base_parts[i] : handle.staging_blob;
    committed->add_part(to_string(ByteView(part)));
  }
  committed->set_modified_s(wanted.has_modified_s() ? wanted.modified_s()
                                                    : parts_.clock.now() / kMicrosPerSecond);
  committed->set_permissions(wanted.has_permissions() ? wanted.permissions() & 07777
                                                      : handle.permissions);
  Answer answer;
  answer.after_entries = record(session.id, std::move(entry), as_bytes(wanted.inline_box()));
  answer.written_suffices = written_suffices(handle, wanted);
  if (fault_) return fail(*fault_);
  handle.finished = true;
  handle.node = node;
  answer.reply.mutable_committed();
  if (description.kind == store::ContentKind::kMapped) want_compaction(version);
  when_durable(answer.after_entries, [this] { start_analysts(); }, journal::Urgency::kSoon);
  return answer;
}

Outcome Vault::on_park_upload(Session& session, const channel::Request& request) {
  const channel::ParkUpload& wanted = request.park_upload();
  FileHandle* handle = file_handle(session, wanted.handle());
  if (handle == nullptr || !handle->upload || handle->finished)
    return fail(ErrorCode::kInvalidArgument, "no upload on this handle");
  auto description = store::VersionDescription::parse(as_bytes(wanted.description()));
  if (!description) return std::unexpected(std::move(description).error());
  if (description->size != wanted.size() || description->parts > handle->base_parts.size() + 1) {
    return fail(ErrorCode::kInvalidArgument, "the description does not fit what was handed out");
  }
  journal::Entry entry;
  auto* parked = entry.mutable_upload_parked();
  parked->set_upload(handle->upload.value);
  parked->set_size(wanted.size());
  parked->set_description(wanted.description());
  parked->set_size_known(true);
  record(session.id, std::move(entry));
  handle->finished = true;
  return Answer{};
}

}  // namespace bulkhead::vault
