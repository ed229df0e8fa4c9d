// Renaming and removing what the same channel is still writing: clients that make a file system of
// this (sshfs) do. Nobody but the uploader sees an upload.
#include "proto/journal.pb.h"
#include "vault/vault.h"

namespace bulkhead::vault {

FileHandle* Vault::own_upload(Session& session, const Place& place) {
  for (auto& [id, handle] : session.handles) {
    auto* file = std::get_if<FileHandle>(&handle);
    if (file != nullptr && file->upload && !file->finished && file->parent == place.parent.id &&
        file->name_hash == place.name_hash) {
      return file;
    }
  }
  return nullptr;
}

// One that is no file yet. What has the new name is replaced when the upload is committed.
Outcome Vault::rename_upload(Session& session, FileHandle& upload, const Place& to, bool replace) {
  if (to.name.empty() || !to.rights.has(Right::kWrite) || !upload.rights.has(Right::kWrite))
    return fail(ErrorCode::kPermissionDenied, "no right to move it there");
  if (upload.organisation != to.parent.organisation) {
    return fail(ErrorCode::kUnsupported,
                "the folder belongs to another organisation: upload the file there instead");
  }
  if (own_upload(session, to) == &upload) return Answer{};
  if (to.node && !replace)
    return fail(ErrorCode::kAlreadyExists, "there is something of that name already");
  if (to.node && to.node->is_folder)
    return fail(ErrorCode::kAlreadyExists, "a folder and a file differ");
  replace_own_upload(session, to);
  Answer answer;
  answer.after_entries = record_renamed(session, upload, to);
  upload.rights = to.rights;
  upload.durability = to.durability;
  // From now on it is an upload to that file, and goes where that goes.
  if (to.node) upload.node = to.node->id;
  return answer;
}

std::uint64_t Vault::record_renamed(Session& session, FileHandle& upload, const Place& to) {
  journal::Entry entry;
  auto* renamed = entry.mutable_upload_renamed();
  renamed->set_upload(upload.upload.value);
  renamed->set_parent(to.parent.id.value);
  parts_.names.seal(Field::kNodeName, to.name, renamed->mutable_name());
  renamed->mutable_name()->set_hash(to_string(ByteView(to.name_hash)));
  upload.parent = to.parent.id;
  upload.name_hash = to.name_hash;
  return record(session.id, std::move(entry));
}

// What is being written there will never be a file: its name was removed, or means another one.
bool Vault::replace_own_upload(Session& session, const Place& place) {
  FileHandle* upload = own_upload(session, place);
  if (upload == nullptr) return false;
  give_up(session, *upload);
  return true;
}

}  // namespace bulkhead::vault
