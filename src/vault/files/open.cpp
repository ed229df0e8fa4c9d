// OPEN: what is there to be read, and where to write.
#include "proto/journal.pb.h"
#include "store/extent_key.h"
#include "vault/files/blob_ids.h"
#include "vault/limits.h"
#include "vault/vault.h"

namespace bulkhead::vault {

// An upload that began with room may use it up: its edge stops at half of the reserve, so that
// journal and catalogue, without which the vault ends, have the rest.
Status Vault::limit_upload(channel::OpenedFile& opened) const {
  BH_TRY(const DiskSpace space, parts_.disk_space());
  opened.set_keep_free_bytes(reserve_on(space) / 2);
  return {};
}

Outcome Vault::on_open_file(Session& session, const channel::Request& request) {
  const channel::OpenFile& wanted = request.open_file();
  auto place = find(session, wanted.path());
  if (!place) return std::unexpected(std::move(place).error());
  if (place->node && !place->visible) return fail(ErrorCode::kNotFound, "no such file");
  if (place->node && place->node->is_folder) return fail(ErrorCode::kIsDirectory, "it is a folder");
  if (place->name.empty()) return fail(ErrorCode::kIsDirectory, "it is a folder");
  if (!wanted.write()) return open_for_reading(session, *place);
  if (!place->rights.has(Right::kWrite))
    return fail(ErrorCode::kPermissionDenied, "no right to write here");
  if (wanted.read() && !place->rights.has(Right::kRead) && place->node) {
    return fail(ErrorCode::kPermissionDenied, "no right to read it");
  }
  if (const Status room = refuse_upload_when_full(); !room) return std::unexpected(room.error());
  if (wait_for_compaction(session, *place, request)) return std::nullopt;
  return open_for_writing(session, *place, wanted);
}

Result<Answer> Vault::open_for_reading(Session& session, const Place& place) {
  if (!place.node) {
    if (!place.rights.none() && parked_upload(session, place.parent.id, place.name_hash)) {
      return fail(ErrorCode::kConflict, "the upload of this file is not finished");
    }
    return fail(ErrorCode::kNotFound, "no such file");
  }
  if (!place.rights.has(Right::kRead))
    return fail(ErrorCode::kPermissionDenied, "no right to read it");
  FileHandle handle;
  handle.node = place.node->id;
  handle.parent = place.parent.id;
  handle.rights = place.rights;
  handle.reading = true;
  Answer answer;
  BH_CHECK(add_base(handle, place.node->version, true, answer));
  BH_TRY(*answer.reply.mutable_opened_file()->mutable_attributes(),
         attributes_of(session, *place.node));
  BH_TRY(const std::uint64_t id, new_handle(session, std::move(handle)));
  answer.reply.mutable_opened_file()->set_handle(id);
  return answer;
}

// Ciphertext, map and descriptors of a stored version. Keys are another matter: see release/.
Status Vault::add_base(FileHandle& handle, VersionId id, bool with_key, Answer& answer) {
  BH_TRY(const std::optional<VersionRow> version, parts_.catalogue.version(id));
  if (!version) return fail(ErrorCode::kCorrupt, "the catalogue does not know the file's contents");
  handle.version = id;
  handle.size = version->size;
  handle.lineage = version->lineage;
  handle.base_parts = version->parts;
  handle.organisation = version->organisation;
  auto* content = answer.reply.mutable_opened_file()->mutable_base();
  content->set_lineage(to_string(ByteView(version->lineage)));
  content->set_size(version->size);
  content->set_description(to_string(ByteView(version->description)));
  if (version->inline_position) {
    BH_TRY(const Bytes box, parts_.journal.read_payload(*version->inline_position));
    content->set_inline_box(to_string(ByteView(box)));
  }
  for (const Bytes& part : version->parts) {
    BH_TRY(const store::BlobId blob, blob_id(part));
    BH_TRY(const auto file, parts_.blobs.open_for_reading(blob));
    BH_TRY(UniqueFd descriptor, duplicate(*file));
    answer.descriptors.push_back(std::move(descriptor));
  }
  content->set_parts(static_cast<std::uint32_t>(version->parts.size()));
  if (!with_key) return {};
  BH_TRY(const std::optional<LineageRow> lineage, parts_.catalogue.lineage(version->lineage));
  if (!lineage) return fail(ErrorCode::kCorrupt, "the catalogue does not know the file's key");
  // It comes while the client asks for its first extents.
  handle.key = parts_.keeper.await_file_key(lineage->key, lineage->id, lineage->wrapped_file_key);
  return {};
}

Result<Answer> Vault::open_for_writing(Session& session, const Place& place,
                                       const channel::OpenFile& wanted) {
  const auto parked = parked_upload(session, place.parent.id, place.name_hash);
  if (wanted.exclusive() && (place.node || parked)) {
    return fail(ErrorCode::kAlreadyExists, "there is a file of that name already");
  }
  if (parked && !wanted.truncate()) return resume_upload(session, place, wanted, *parked);
  if (!place.node && !wanted.create()) return fail(ErrorCode::kNotFound, "no such file");
  Answer answer;
  if (parked) {
    journal::Entry entry;
    entry.mutable_upload_abandoned()->set_upload(parked->id.value);
    remove_blob_after(record(session.id, std::move(entry)), parked->staging_blob);
  }
  FileHandle handle;
  handle.parent = place.parent.id;
  handle.name_hash = place.name_hash;
  handle.rights = place.rights;
  handle.reading = wanted.read();
  handle.writing = true;
  handle.permissions = wanted.has_permissions() ? wanted.permissions() & 07777 : 0644;
  handle.durability = place.durability;
  if (place.node) {
    handle.node = place.node->id;
    handle.permissions = place.node->permissions;
  }
  handle.fresh_lineage = !place.node || wanted.truncate();
  if (!handle.fresh_lineage) {
    // The keys of what is rewritten open what is there.
    if (!place.rights.has(Right::kRead)) {
      return fail(ErrorCode::kPermissionDenied,
                  "changing a file in place takes the right to read it: upload it anew");
    }
    BH_CHECK(add_base(handle, place.node->version, true, answer));
    handle.write_lineage = handle.lineage;
  }
  handle.organisation = place.parent.organisation;
  BH_CHECK(start_upload(session, place, handle, answer));
  auto* opened = answer.reply.mutable_opened_file();
  if (place.node) {
    BH_TRY(*opened->mutable_attributes(), attributes_of(session, *place.node));
  } else {
    opened->mutable_attributes()->set_permissions(handle.permissions);
    opened->mutable_attributes()->set_modified_s(parts_.clock.now() / kMicrosPerSecond);
    opened->mutable_attributes()->set_owner(session.user_name);
  }
  if (handle.fresh_lineage) opened->mutable_attributes()->set_size(0);
  opened->mutable_attributes()->set_in_progress(true);
  BH_TRY(const std::uint64_t id, new_handle(session, std::move(handle)));
  opened->set_handle(id);
  return answer;
}

Status Vault::start_upload(Session& session, const Place& place, FileHandle& handle,
                           Answer& answer) {
  if (handle.base_parts.size() >= store::kMaxParts) {
    return fail(ErrorCode::kUnsupported,
                "the file was changed in place too often, and its parts cannot be joined now: try "
                "again in a minute, or upload it anew");
  }
  BH_TRY(const std::optional<OrganisationRow> organisation,
         parts_.catalogue.organisation(handle.organisation));
  if (!organisation) return fail(ErrorCode::kCorrupt, "the folder belongs to no organisation");
  if (organisation->destroyed)
    return fail(ErrorCode::kRefused, "the keys of the folder's organisation were destroyed");
  journal::Entry entry;
  auto* started = entry.mutable_upload_started();
  auto* opened = answer.reply.mutable_opened_file();
  if (handle.fresh_lineage) {
    const KeyEpoch epoch{organisation->id, organisation->key_epoch};
    BH_TRY(auto fresh, parts_.keeper.create_file_key(epoch));
    handle.write_lineage = fresh.lineage;
    started->set_wrapped_file_key(to_string(ByteView(fresh.wrapped)));
    started->set_key_epoch(organisation->key_epoch);
    const crypto::AeadKey first = store::derive_extent_key(fresh.key, handle.write_lineage, 0);
    opened->set_write_key_extent_0(to_string(ByteView(first.view())));
    handle.write_key = Result<FileKey>(std::move(fresh.key));
  } else {
    BH_TRY(const FileKey* key, handle.key.get());
    handle.write_key = Result<FileKey>(key->clone());
    started->set_base_version(handle.version.value);
  }
  BH_TRY(store::StagingBlob staging, parts_.blobs.take());
  handle.staging_blob = to_bytes(staging.blob);
  handle.upload = parts_.catalogue.next_upload();
  started->set_upload(handle.upload.value);
  started->set_parent(handle.parent.value);
  parts_.names.seal(Field::kNodeName, place.name, started->mutable_name());
  started->mutable_name()->set_hash(to_string(ByteView(place.name_hash)));
  started->set_user(session.user->id.value);
  started->set_organisation(handle.organisation.value);
  started->set_lineage(to_string(ByteView(handle.write_lineage)));
  started->set_staging_blob(to_string(ByteView(handle.staging_blob)));
  started->set_permissions(handle.permissions);
  // Once the answer has left, and before anything else is asked: the client goes on meanwhile.
  when_durable(
      0, [this, id = session.id, entry = std::move(entry)] { record(id, entry); },
      journal::Urgency::kSoon);
  BH_TRY(UniqueFd descriptor, duplicate(*staging.file));
  answer.descriptors.push_back(std::move(descriptor));
  opened->set_has_staging(true);
  BH_CHECK(limit_upload(*opened));
  opened->set_lineage(to_string(ByteView(handle.write_lineage)));
  opened->set_staging_blob(to_string(ByteView(handle.staging_blob)));
  opened->set_staging_part(static_cast<std::uint32_t>(handle.base_parts.size()));
  return {};
}

// The uploader comes back to what an earlier connection left. The part may be another session's, so
// its keys count as existing content: they are granted, not given.
Result<Answer> Vault::resume_upload(Session& session, const Place& place,
                                    const channel::OpenFile& wanted, const UploadRow& upload) {
  FileHandle handle;
  if (place.node) handle.node = place.node->id;
  handle.parent = place.parent.id;
  handle.name_hash = place.name_hash;
  handle.rights = place.rights;
  handle.reading = wanted.read();
  handle.writing = true;
  handle.permissions = upload.permissions;
  handle.durability = place.durability;
  handle.upload = upload.id;
  Answer answer;
  if (upload.base_version) BH_CHECK(add_base(handle, upload.base_version, false, answer));
  handle.organisation = upload.organisation;
  handle.write_lineage = upload.lineage;
  handle.lineage = upload.lineage;
  handle.size = upload.size;
  handle.staging_blob = upload.staging_blob;
  BH_TRY(const std::optional<LineageRow> lineage, parts_.catalogue.lineage(upload.lineage));
  if (!lineage) return fail(ErrorCode::kCorrupt, "the catalogue does not know the upload's key");
  handle.key = parts_.keeper.await_file_key(lineage->key, lineage->id, lineage->wrapped_file_key);
  BH_TRY(const FileKey* key, handle.key.get());
  handle.write_key = Result<FileKey>(key->clone());

  BH_TRY(const store::BlobId blob, blob_id(upload.staging_blob));
  BH_TRY(const auto part, parts_.blobs.open_for_writing(blob));
  BH_TRY(UniqueFd descriptor, duplicate(*part));
  answer.descriptors.push_back(std::move(descriptor));
  auto* opened = answer.reply.mutable_opened_file();
  opened->set_has_staging(true);
  BH_CHECK(limit_upload(*opened));
  opened->set_resumed(true);
  opened->set_parked(upload.size_known);
  opened->set_lineage(to_string(ByteView(upload.lineage)));
  opened->set_staging_blob(to_string(ByteView(upload.staging_blob)));
  opened->set_staging_part(opened->base().parts());
  if (upload.size_known) {
    opened->mutable_base()->set_lineage(opened->lineage());
    opened->mutable_base()->set_size(upload.size);
    opened->mutable_base()->set_description(to_string(ByteView(upload.description)));
  }
  opened->mutable_attributes()->set_size(upload.size);
  opened->mutable_attributes()->set_permissions(upload.permissions);
  opened->mutable_attributes()->set_in_progress(true);
  opened->mutable_attributes()->set_owner(session.user_name);
  journal::Entry entry;
  auto* started = entry.mutable_upload_started();
  started->set_upload(upload.id.value);
  started->set_user(session.user->id.value);
  started->set_lineage(opened->lineage());
  started->set_resumes(true);
  record(session.id, std::move(entry));
  BH_TRY(const std::uint64_t id, new_handle(session, std::move(handle)));
  opened->set_handle(id);
  return answer;
}

}  // namespace bulkhead::vault
