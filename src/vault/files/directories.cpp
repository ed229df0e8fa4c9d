// OPENDIR, READDIR, MKDIR, RMDIR. Names are data too: a listing is journalled, with its count,
// before it leaves.
#include "proto/journal.pb.h"
#include "vault/limits.h"
#include "vault/vault.h"

namespace bulkhead::vault {

Outcome Vault::on_open_directory(Session& session, const channel::Request& request) {
  auto place = find_existing(session, request.open_directory().path());
  if (!place) return std::unexpected(std::move(place).error());
  if (!place->node->is_folder) return fail(ErrorCode::kNotDirectory, "it is a file");
  const bool may_list = place->rights.has(Right::kList);
  if (!may_list && !session.on_the_way.contains(place->node->id)) {
    return fail(ErrorCode::kPermissionDenied, "no right to list this folder");
  }
  DirectoryHandle handle;
  handle.node = place->node->id;
  handle.only_way_through = !may_list;
  auto id = new_handle(session, handle);
  if (!id) return std::unexpected(std::move(id).error());
  Answer answer;
  answer.reply.mutable_opened_directory()->set_handle(*id);
  return answer;
}

Outcome Vault::on_read_directory(Session& session, const channel::Request& request) {
  DirectoryHandle* handle = directory_handle(session, request.read_directory().handle());
  if (handle == nullptr) return fail(ErrorCode::kInvalidArgument, "no such handle");
  Answer answer;
  auto* entries = answer.reply.mutable_directory_entries();
  if (!handle->journalled) {
    auto after = journal_listing(session, *handle);
    if (!after) return std::unexpected(std::move(after).error());
    answer.after_entries = *after;
  }
  if (handle->only_way_through) {
    if (auto added = add_way_through(session, *handle, *entries); !added)
      return std::unexpected(added.error());
  } else if (!handle->children_done) {
    if (auto added = add_children(session, *handle, *entries); !added)
      return std::unexpected(added.error());
  } else if (!handle->uploads_done) {
    if (auto added = add_uploads(session, *handle, *entries); !added)
      return std::unexpected(added.error());
  }
  entries->set_end(handle->children_done && handle->uploads_done);
  return answer;
}

Result<std::uint64_t> Vault::journal_listing(Session& session, DirectoryHandle& handle) {
  std::uint64_t names = 0;
  if (handle.only_way_through) {
    BH_TRY(const std::vector<NodeRow> rows, way_through(session, handle.node));
    names = rows.size();
  } else {
    BH_TRY(names, parts_.catalogue.count_children(handle.node));
  }
  BH_CHECK(refuse_release_when_contained(session));
  BH_CHECK(charge(session, {.node = handle.node, .names = names}));
  journal::Entry entry;
  auto* released = entry.mutable_listing_released();
  released->set_node(handle.node.value);
  released->set_user(session.user->id.value);
  released->set_names(names);
  handle.journalled = true;
  return record(session.id, std::move(entry));
}

// A page by the cursor of the catalogue: what is held for a listing does not grow with the folder.
Status Vault::add_children(Session& session, DirectoryHandle& handle,
                           channel::DirectoryEntries& entries) {
  BH_TRY(const std::vector<NodeRow> rows,
         parts_.catalogue.children(handle.node, handle.after, kDirectoryBatchEntries));
  for (const NodeRow& row : rows) {
    handle.after = row.id;
    BH_CHECK(add_child(session, row, entries));
  }
  handle.children_done = rows.size() < kDirectoryBatchEntries;
  return {};
}

Status Vault::add_child(Session& session, const NodeRow& row, channel::DirectoryEntries& entries) {
  auto* entry = entries.add_entry();
  BH_TRY(*entry->mutable_name(), parts_.names.open_box(Field::kNodeName, row.name_box));
  BH_TRY(*entry->mutable_attributes(), attributes_of(session, row));
  return {};
}

// What leads to something granted: few, in a folder of however many.
Result<std::vector<NodeRow>> Vault::way_through(Session& session, NodeId folder) {
  BH_CHECK(refresh_grants(session));
  std::vector<NodeRow> rows;
  for (const NodeId id : session.on_the_way) {
    BH_TRY(std::optional<NodeRow> node, parts_.catalogue.node(id));
    if (node && node->parent == folder && id != kRootNode) rows.push_back(std::move(*node));
  }
  return rows;
}

Status Vault::add_way_through(Session& session, DirectoryHandle& handle,
                              channel::DirectoryEntries& entries) {
  handle.children_done = handle.uploads_done = true;
  BH_TRY(const std::vector<NodeRow> rows, way_through(session, handle.node));
  for (const NodeRow& row : rows) {
    if (row.id.value <= handle.after.value) continue;
    if (static_cast<std::size_t>(entries.entry_size()) == kDirectoryBatchEntries) {
      handle.children_done = handle.uploads_done = false;
      break;
    }
    handle.after = row.id;
    BH_CHECK(add_child(session, row, entries));
  }
  return {};
}

// The user's own interrupted uploads in this folder, where no finished file has the name.
Status Vault::add_uploads(Session& session, DirectoryHandle& handle,
                          channel::DirectoryEntries& entries) {
  BH_TRY(const std::vector<UploadRow> uploads,
         parts_.catalogue.uploads_in(session.user->id, handle.node, handle.after_upload,
                                     kDirectoryBatchEntries));
  handle.uploads_done = uploads.size() < kDirectoryBatchEntries;
  for (const UploadRow& upload : uploads) {
    handle.after_upload = upload.name_hash;
    BH_TRY(const std::optional<NodeRow> taken,
           parts_.catalogue.child(upload.parent, upload.name_hash));
    if (taken) continue;
    auto* entry = entries.add_entry();
    BH_TRY(*entry->mutable_name(), parts_.names.open_box(Field::kNodeName, upload.name_box));
    entry->mutable_attributes()->set_size(upload.size);
    entry->mutable_attributes()->set_permissions(upload.permissions);
    entry->mutable_attributes()->set_modified_s(upload.touched_at / kMicrosPerSecond);
    entry->mutable_attributes()->set_in_progress(true);
    entry->mutable_attributes()->set_owner(session.user_name);
  }
  return {};
}

Outcome Vault::on_make_directory(Session& session, const channel::Request& request) {
  const channel::MakeDirectory& wanted = request.make_directory();
  auto place = find(session, wanted.path());
  if (!place) return std::unexpected(std::move(place).error());
  if (place->node)
    return fail(ErrorCode::kAlreadyExists, "there is something of that name already");
  if (!place->rights.has(Right::kWrite))
    return fail(ErrorCode::kPermissionDenied, "no right to make a folder here");
  const std::uint32_t permissions = wanted.has_permissions() ? wanted.permissions() & 07777 : 0755;
  auto made = make_folder(place->parent.id, place->name, place->parent.organisation,
                          session.user->id, session.id, permissions);
  if (!made) return std::unexpected(std::move(made).error());
  Answer answer;
  answer.after_entries = parts_.journal.size();
  return answer;
}

Outcome Vault::on_remove_directory(Session& session, const channel::Request& request) {
  auto place = find_existing(session, request.remove_directory().path());
  if (!place) return std::unexpected(std::move(place).error());
  if (!place->node->is_folder) return fail(ErrorCode::kNotDirectory, "it is a file");
  if (place->node->id == kRootNode || session.grants.contains(place->node->id) ||
      !place->rights.has(Right::kDelete)) {
    return fail(ErrorCode::kPermissionDenied, "no right to remove this folder");
  }
  auto left = parts_.catalogue.count_children(place->node->id);
  if (!left) return std::unexpected(std::move(left).error());
  if (*left != 0) return fail(ErrorCode::kNotEmpty, "the folder is not empty");
  journal::Entry entry;
  entry.mutable_node_removed()->set_node(place->node->id.value);
  Answer answer;
  answer.after_entries = record(session.id, std::move(entry));
  return answer;
}

Outcome Vault::on_remove_file(Session& session, const channel::Request& request) {
  auto place = find(session, request.remove_file().path());
  if (!place) return std::unexpected(std::move(place).error());
  if (place->node && place->node->is_folder) return fail(ErrorCode::kIsDirectory, "it is a folder");
  const auto upload = place->rights.none() || place->name.empty()
                          ? std::nullopt
                          : parked_upload(session, place->parent.id, place->name_hash);
  if (!upload && (!place->node || !place->visible)) {
    if (!replace_own_upload(session, *place)) return fail(ErrorCode::kNotFound, "no such file");
    return Answer{};
  }
  Answer answer;
  if (upload) {
    journal::Entry entry;
    entry.mutable_upload_abandoned()->set_upload(upload->id.value);
    answer.after_entries = record(session.id, std::move(entry));
    remove_blob_after(answer.after_entries, upload->staging_blob);
    if (!place->node) return answer;
  }
  if (!place->rights.has(Right::kDelete))
    return fail(ErrorCode::kPermissionDenied, "no right to remove this file");
  replace_own_upload(session, *place);
  journal::Entry entry;
  entry.mutable_node_removed()->set_node(place->node->id.value);
  answer.after_entries = record(session.id, std::move(entry));
  return answer;
}

Outcome Vault::on_rename(Session& session, const channel::Request& request) {
  auto from = find(session, request.rename().from());
  if (!from) return std::unexpected(std::move(from).error());
  auto to = find(session, request.rename().to());
  if (!to) return std::unexpected(std::move(to).error());
  if (!from->node || !from->visible) {
    FileHandle* upload = own_upload(session, *from);
    if (upload == nullptr) return fail(ErrorCode::kNotFound, "no such file or folder");
    return rename_upload(session, *upload, *to, request.rename().replace());
  }
  if (const Status allowed = may_rename(session, *from, *to, request.rename().replace());
      !allowed) {
    return std::unexpected(allowed.error());
  }
  if (to->node && to->node->id == from->node->id) return Answer{};
  journal::Entry entry;
  auto* renamed = entry.mutable_node_renamed();
  renamed->set_node(from->node->id.value);
  renamed->set_parent(to->parent.id.value);
  parts_.names.seal(Field::kNodeName, to->name, renamed->mutable_name());
  renamed->mutable_name()->set_hash(to_string(ByteView(to->name_hash)));
  if (to->node) renamed->set_replaced(to->node->id.value);
  replace_own_upload(session, *to);
  Answer answer;
  answer.after_entries = record(session.id, std::move(entry));
  // What goes on being written to the file is listed under its new name.
  for (auto& [id, handle] : session.handles) {
    auto* file = std::get_if<FileHandle>(&handle);
    if (file != nullptr && file->upload && !file->finished && file->node == from->node->id) {
      answer.after_entries = record_renamed(session, *file, *to);
      file->durability = to->durability;
    }
  }
  rights_changed();  // rights come from the folders above, and those may be others now
  return answer;
}

Status Vault::may_rename(Session& session, const Place& from, const Place& to, bool replace) {
  const auto denied = [] {
    return fail(ErrorCode::kPermissionDenied, "no right to move it there");
  };
  if (from.name.empty() || to.name.empty() || session.grants.contains(from.node->id))
    return denied();
  if (!from.rights.has(Right::kDelete) || !from.rights.has(Right::kWrite)) return denied();
  if (!to.rights.has(Right::kWrite)) return denied();
  if (from.node->organisation != to.parent.organisation) {
    return fail(ErrorCode::kUnsupported,
                "the folder belongs to another organisation: upload the file there instead");
  }
  for (NodeId above = to.parent.id; from.node->is_folder && above;) {
    if (above == from.node->id)
      return fail(ErrorCode::kInvalidArgument, "a folder cannot move into itself");
    BH_TRY(const std::optional<NodeRow> node, parts_.catalogue.node(above));
    above = node ? node->parent : NodeId{};
  }
  if (!to.node || to.node->id == from.node->id) return {};
  if (!replace) return fail(ErrorCode::kAlreadyExists, "there is something of that name already");
  if (to.node->is_folder != from.node->is_folder)
    return fail(ErrorCode::kAlreadyExists, "a folder and a file differ");
  if (to.node->is_folder) {
    BH_TRY(const std::uint64_t left, parts_.catalogue.count_children(to.node->id));
    if (left != 0) return fail(ErrorCode::kNotEmpty, "the folder there is not empty");
    if (session.grants.contains(to.node->id) || !to.rights.has(Right::kDelete)) return denied();
  }
  return {};
}

}  // namespace bulkhead::vault
