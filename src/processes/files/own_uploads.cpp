// What VaultFileSystem knows of this session's own uploads: see own_upload.h.
#include "processes/files/own_upload.h"
#include "processes/files/vault_file_system.h"

namespace bulkhead::processes {

// None while nothing but what the vault has is in it.
OwnUpload* VaultFileSystem::own(const sftp::Path& path) const {
  const auto found = being_written_.find(path);
  return found != being_written_.end() && found->second->file ? found->second.get() : nullptr;
}

// As a second descriptor of a file on a disk: what one writes the other sees.
Result<std::unique_ptr<sftp::File>> VaultFileSystem::attach(
    const std::shared_ptr<OwnUpload>& upload, const sftp::OpenFlags& flags) {
  if (flags.exclusive)
    return fail(ErrorCode::kAlreadyExists, "there is a file of that name already");
  auto handle = std::make_unique<OwnUploadHandle>(*this, upload, flags.write);
  if (flags.write && flags.truncate) BH_CHECK(handle->set_attributes({.size = 0}));
  return std::unique_ptr<sftp::File>(std::move(handle));
}

void VaultFileSystem::writing_ends(const OwnUpload& upload) {
  const auto found = being_written_.find(upload.path);
  if (found != being_written_.end() && found->second.get() == &upload) being_written_.erase(found);
}

// The name means something else from now on, or nothing.
void VaultFileSystem::forget_upload(const sftp::Path& path) {
  const auto found = being_written_.find(path);
  if (found == being_written_.end()) return;
  found->second->gone = true;
  being_written_.erase(found);
}

// After a renaming in the vault: of a file that is being written, or of a folder above such files.
void VaultFileSystem::move_uploads(const sftp::Path& from, const sftp::Path& to) {
  forget_upload(to);
  const auto moved = [&](const sftp::Path& path) {
    if (!path.starts_with(from)) return path;
    std::vector<std::string> components = to.components();
    components.insert(
        components.end(),
        path.components().begin() + static_cast<std::ptrdiff_t>(from.components().size()),
        path.components().end());
    auto there = sftp::Path::from_components(std::move(components));
    return there ? std::move(*there) : path;
  };
  std::map<sftp::Path, std::shared_ptr<OwnUpload>> uploads;
  for (const auto& [path, upload] : being_written_) {
    upload->path = moved(upload->path);
    uploads[upload->path] = upload;
  }
  being_written_ = std::move(uploads);
}

bool VaultFileSystem::is_own_upload(const sftp::Path& folder, const std::string& name) const {
  if (being_written_.empty()) return false;
  const auto path = folder.below(name);
  return path && being_written_.contains(*path);
}

void VaultFileSystem::add_own_uploads(const sftp::Path& folder,
                                      std::vector<sftp::DirectoryEntry>& entries) const {
  for (const auto& [path, upload] : being_written_) {
    if (path.is_root() || path.parent() != folder) continue;
    if (auto now = upload->file ? upload->file->stat() : Result<sftp::Attributes>{})
      entries.push_back({std::string(path.name()), std::move(*now)});
  }
}

}  // namespace bulkhead::processes
