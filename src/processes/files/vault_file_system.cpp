#include "processes/files/vault_file_system.h"

#include "processes/content/stored_content.h"
#include "processes/files/own_upload.h"
#include "store/blob_writer.h"

namespace bulkhead::processes {
namespace {

// SFTP v3 has numbers for owners; there is one owner here, and the number means nothing.
constexpr std::uint32_t kOwner = 1000;

class VaultDirectory final : public sftp::Directory {
 public:
  VaultDirectory(channel::Client& vault, const VaultFileSystem& files, sftp::Path path,
                 std::uint64_t handle)
      : vault_(vault), files_(files), path_(std::move(path)), handle_(handle) {}
  ~VaultDirectory() override {
    channel::Request request;
    request.mutable_close_handle()->set_handle(handle_);
    (void)vault_.call(std::move(request));
  }

  Status next(std::vector<sftp::DirectoryEntry>& entries, std::size_t most) override {
    while (waiting_.empty() && !end_)
      BH_CHECK(fetch());
    for (; most > 0 && at_ < waiting_.size(); --most)
      entries.push_back(std::move(waiting_[at_++]));
    if (at_ == waiting_.size()) {
      waiting_.clear();
      at_ = 0;
    }
    return {};
  }

 private:
  Status fetch() {
    channel::Request request;
    request.mutable_read_directory()->set_handle(handle_);
    BH_TRY(const channel::Reply reply, vault_.call(std::move(request)));
    for (const auto& entry : reply.directory_entries().entry()) {
      if (!files_.is_own_upload(path_, entry.name()))
        waiting_.push_back({entry.name(), from_message(entry.attributes())});
    }
    end_ = reply.directory_entries().end();
    if (end_) files_.add_own_uploads(path_, waiting_);
    return {};
  }

  channel::Client& vault_;
  const VaultFileSystem& files_;
  sftp::Path path_;
  std::uint64_t handle_;
  std::vector<sftp::DirectoryEntry> waiting_;
  std::size_t at_ = 0;
  bool end_ = false;
};

}  // namespace

channel::Path to_message(const sftp::Path& path) {
  channel::Path message;
  for (const std::string& component : path.components())
    message.add_component(component);
  return message;
}

sftp::Attributes from_message(const channel::Attributes& message) {
  sftp::Attributes attributes;
  attributes.kind =
      message.kind() == channel::Attributes::DIRECTORY ? sftp::Kind::kDirectory : sftp::Kind::kFile;
  attributes.size = message.size();
  attributes.permissions = message.permissions();
  attributes.modified_s = message.modified_s();
  attributes.accessed_s = message.accessed_s();
  attributes.uid = kOwner;
  attributes.gid = kOwner;
  attributes.owner = message.owner();
  attributes.group = message.owner();
  return attributes;
}

void fill_in(const sftp::AttributeChanges& changes, channel::SetAttributes& message) {
  if (changes.permissions) message.set_permissions(*changes.permissions);
  if (!changes.times) return;
  message.set_modified_s(changes.times->modified_s);
  message.set_accessed_s(changes.times->accessed_s);
}

VaultFileSystem::VaultFileSystem(channel::Client& vault, sftp::Path home, std::string user_name)
    : vault_(vault), home_(std::move(home)), user_name_(std::move(user_name)) {}
VaultFileSystem::~VaultFileSystem() = default;

std::string VaultFileSystem::name_of_user(std::uint32_t uid) {
  return uid == kOwner ? user_name_ : "";
}

Result<sftp::Attributes> VaultFileSystem::stat(const sftp::Path& path) {
  if (const OwnUpload* upload = own(path)) return upload->file->stat();
  channel::Request request;
  *request.mutable_stat()->mutable_path() = to_message(path);
  std::vector<UniqueFd> descriptors;
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request), &descriptors));
  if (reply.body_case() == channel::Reply::kAttributes) return from_message(reply.attributes());
  // An upload whose writer died: what is there is counted from its records.
  sftp::Attributes attributes = from_message(reply.opened_file().attributes());
  BH_TRY(const OpenedContent content, opened_content(reply.opened_file(), std::move(descriptors)));
  BH_TRY(attributes.size,
         store::scan_contiguous_size(content.lineage, content.base, content.staging));
  return attributes;
}

Status VaultFileSystem::set_attributes(const sftp::Path& path,
                                       const sftp::AttributeChanges& changes) {
  if (const OwnUpload* upload = own(path)) return upload->file->set_attributes(changes);
  if (changes.size) {
    BH_TRY(const auto file,
           open(path, {.write = true, .truncate = *changes.size == 0}, std::nullopt));
    BH_CHECK(file->set_attributes({.size = changes.size}));
    BH_CHECK(file->close());
  }
  if (!changes.permissions && !changes.times)
    return {};  // there is one owner: chown changes nothing
  channel::Request request;
  auto* set = request.mutable_set_attributes();
  *set->mutable_path() = to_message(path);
  fill_in(changes, *set);
  BH_CHECK(vault_.call(std::move(request)));
  return {};
}

Result<std::unique_ptr<sftp::File>> VaultFileSystem::open(
    const sftp::Path& path, const sftp::OpenFlags& flags,
    std::optional<std::uint32_t> permissions) {
  if (const auto found = being_written_.find(path); found != being_written_.end())
    return attach(found->second, flags);
  BH_TRY(auto file, open_stored(path, flags, permissions));
  if (!flags.write) return std::unique_ptr<sftp::File>(std::move(file));
  auto upload = std::make_shared<OwnUpload>();
  upload->path = path;
  upload->file = std::move(file);
  being_written_[path] = upload;
  return std::make_unique<OwnUploadHandle>(*this, std::move(upload), true);
}

Result<std::unique_ptr<VaultFile>> VaultFileSystem::open_stored(
    const sftp::Path& path, const sftp::OpenFlags& flags,
    std::optional<std::uint32_t> permissions) {
  channel::Request request;
  auto* wanted = request.mutable_open_file();
  *wanted->mutable_path() = to_message(path);
  wanted->set_read(flags.read);
  wanted->set_write(flags.write);
  wanted->set_create(flags.create);
  wanted->set_exclusive(flags.exclusive);
  wanted->set_truncate(flags.truncate);
  if (permissions) wanted->set_permissions(*permissions);
  std::vector<UniqueFd> descriptors;
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request), &descriptors));
  return VaultFile::open(vault_, reply.opened_file(), std::move(descriptors));
}

Status VaultFileSystem::remove(const sftp::Path& path) {
  channel::Request request;
  *request.mutable_remove_file()->mutable_path() = to_message(path);
  const auto removed = vault_.call(std::move(request));
  const bool only_ours =
      being_written_.contains(path) && !removed && removed.error().code == ErrorCode::kNotFound;
  if (!removed && !only_ours) return fail(removed.error());
  forget_upload(path);
  return {};
}

Result<std::unique_ptr<sftp::Directory>> VaultFileSystem::open_directory(const sftp::Path& path) {
  channel::Request request;
  *request.mutable_open_directory()->mutable_path() = to_message(path);
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request)));
  return std::make_unique<VaultDirectory>(vault_, *this, path, reply.opened_directory().handle());
}

Status VaultFileSystem::make_directory(const sftp::Path& path,
                                       std::optional<std::uint32_t> permissions) {
  channel::Request request;
  *request.mutable_make_directory()->mutable_path() = to_message(path);
  if (permissions) request.mutable_make_directory()->set_permissions(*permissions);
  BH_CHECK(vault_.call(std::move(request)));
  return {};
}

Status VaultFileSystem::remove_directory(const sftp::Path& path) {
  channel::Request request;
  *request.mutable_remove_directory()->mutable_path() = to_message(path);
  BH_CHECK(vault_.call(std::move(request)));
  return {};
}

Status VaultFileSystem::rename(const sftp::Path& from, const sftp::Path& to, bool replace) {
  channel::Request request;
  *request.mutable_rename()->mutable_from() = to_message(from);
  *request.mutable_rename()->mutable_to() = to_message(to);
  request.mutable_rename()->set_replace(replace);
  BH_CHECK(vault_.call(std::move(request)));
  if (from != to) move_uploads(from, to);
  return {};
}

Result<sftp::Capacity> VaultFileSystem::capacity() {
  channel::Request request;
  request.mutable_capacity();
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request)));
  return sftp::Capacity{reply.free_space().total_bytes(), reply.free_space().free_bytes()};
}

}  // namespace bulkhead::processes
