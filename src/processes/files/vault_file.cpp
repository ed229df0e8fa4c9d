#include "processes/files/vault_file.h"

#include <sys/vfs.h>

#include "crypto/digest.h"
#include "crypto/random.h"
#include "processes/files/vault_file_system.h"

namespace bulkhead::processes {
namespace {

constexpr std::uint64_t kLookAtDiskBytes = 64 << 10;  // a system call of a microsecond
constexpr std::size_t kContentTagBytes = 16;

}  // namespace

VaultFile::VaultFile(channel::Client& vault, const channel::OpenedFile& opened)
    : vault_(vault),
      handle_(opened.handle()),
      attributes_(from_message(opened.attributes())),
      keys_(vault, opened.handle(), opened.has_staging()),
      keep_free_bytes_(opened.keep_free_bytes()) {}

Result<std::unique_ptr<VaultFile>> VaultFile::open(channel::Client& vault,
                                                   const channel::OpenedFile& opened,
                                                   std::vector<UniqueFd> descriptors) {
  std::unique_ptr<VaultFile> file(new VaultFile(vault, opened));
  const Status ready = opened.has_staging() ? file->prepare_writing(opened, std::move(descriptors))
                                            : file->prepare_reading(opened, std::move(descriptors));
  if (!ready) {
    (void)file->close_handle();
    file->closed_ = true;
    return std::unexpected(ready.error());
  }
  return file;
}

Status VaultFile::prepare_reading(const channel::OpenedFile& opened,
                                  std::vector<UniqueFd> descriptors) {
  BH_TRY(OpenedContent content, opened_content(opened, std::move(descriptors)));
  if (!content.base) return fail(ErrorCode::kInternal, "the vault described no contents");
  BH_TRY(reader_, store::BlobReader::open(std::move(*content.base), keys_));
  return {};
}

Status VaultFile::prepare_writing(const channel::OpenedFile& opened,
                                  std::vector<UniqueFd> descriptors) {
  must_commit_ = !opened.has_base() || opened.resumed();
  if (!opened.write_key_extent_0().empty()) BH_CHECK(keys_.add(0, opened.write_key_extent_0()));
  BH_TRY(OpenedContent content, opened_content(opened, std::move(descriptors)));
  staging_ = content.staging.file;
  BH_TRY(writer_, make_writer(opened, std::move(content)));
  return {};
}

Result<store::BlobWriter> VaultFile::make_writer(const channel::OpenedFile& opened,
                                                 OpenedContent content) {
  crypto::Random& random = crypto::system_random();
  if (!opened.resumed()) {
    return content.base
               ? store::BlobWriter::on_base(std::move(*content.base), content.staging, keys_,
                                            random)
               : store::BlobWriter::create(content.lineage, content.staging, keys_, random);
  }
  if (opened.parked()) {
    return store::BlobWriter::resume_parked(std::move(*content.base), content.staging, keys_,
                                            random);
  }
  // Why the writer died is not known here, so nothing counts that does not decrypt.
  return store::BlobWriter::resume_scanned(content.lineage, std::move(content.base),
                                           content.staging, store::ScanDepth::kContents, keys_,
                                           random);
}

VaultFile::~VaultFile() {
  if (closed_) return;
  if (writer_) {
    park();
  } else {
    (void)close_handle();
  }
}

void VaultFile::park() {
  const auto parked = writer_->park();
  writer_.reset();
  staging_.reset();
  if (!parked) return;  // the vault keeps the part, and the next writer counts what is in it
  channel::Request request;
  auto* message = request.mutable_park_upload();
  message->set_handle(handle_);
  message->set_size(parked->description.size);
  message->set_description(to_string(ByteView(parked->description.serialise())));
  (void)vault_.call(std::move(request));
}

Result<std::size_t> VaultFile::read(std::uint64_t offset, MutableByteView into) {
  return writer_ ? writer_->read(offset, into) : reader_->read(offset, into);
}

Status VaultFile::write(std::uint64_t offset, ByteView bytes) {
  if (!writer_) return fail(ErrorCode::kPermissionDenied, "the file was not opened for writing");
  BH_CHECK(stop_when_full(bytes.size()));
  return writer_->write(offset, bytes);
}

Status VaultFile::stop_when_full(std::size_t bytes) {
  BH_CHECK(room_);
  unlooked_bytes_ += bytes;
  if (unlooked_bytes_ < kLookAtDiskBytes) return {};
  unlooked_bytes_ = 0;
  struct statfs disk{};
  if (::fstatfs(staging_->fd(), &disk) != 0) return fail_errno("asking for free disk space");
  if (static_cast<std::uint64_t>(disk.f_bavail) * static_cast<std::uint64_t>(disk.f_bsize) <
      keep_free_bytes_) {
    room_ = fail(ErrorCode::kNoSpace, "the server's disk is full: the upload was given up");
  }
  return room_;
}

Result<std::uint64_t> VaultFile::size() {
  return writer_ ? writer_->size() : reader_->size();
}

std::string VaultFile::content_tag() const {
  if (!reader_) return {};
  const store::StoredVersion& version = reader_->version();
  crypto::Hasher hasher(crypto::HashAlgorithm::kSha256);
  hasher.update(version.lineage);
  hasher.update(version.description.serialise());
  hasher.update(version.inline_box);
  return to_hex(hasher.finish()).substr(0, 2 * kContentTagBytes);
}

Result<sftp::Attributes> VaultFile::stat() {
  sftp::Attributes now = attributes_;
  BH_TRY(now.size, size());
  if (modified_s_) now.modified_s = *modified_s_;
  if (permissions_) now.permissions = *permissions_;
  return now;
}

// What is set before the close comes true with it.
Status VaultFile::set_attributes(const sftp::AttributeChanges& changes) {
  if (!writer_) {
    if (changes.size)
      return fail(ErrorCode::kPermissionDenied, "the file was not opened for writing");
    return set_stored_attributes(changes);
  }
  if (changes.size) BH_CHECK(writer_->truncate(*changes.size));
  if (changes.permissions) permissions_ = changes.permissions;
  if (changes.times) modified_s_ = changes.times->modified_s;
  must_commit_ = true;
  return {};
}

Status VaultFile::set_stored_attributes(const sftp::AttributeChanges& changes) {
  if (!changes.permissions && !changes.times)
    return {};  // there is one owner: chown changes nothing
  channel::Request request;
  auto* set = request.mutable_set_attributes();
  set->set_handle(handle_);
  fill_in(changes, *set);
  BH_CHECK(vault_.call(std::move(request)));
  if (changes.permissions) attributes_.permissions = *changes.permissions;
  if (changes.times) attributes_.modified_s = changes.times->modified_s;
  return {};
}

void VaultFile::discard() {
  closed_ = true;
  writer_.reset();
  staging_.reset();
  (void)close_handle();
}

Status VaultFile::sync() {
  if (!writer_) return {};
  sync_asked_ = true;
  BH_CHECK(writer_->flush());
  return staging_->sync_data();
}

Status VaultFile::close_handle() {
  channel::Request request;
  request.mutable_close_handle()->set_handle(handle_);
  BH_CHECK(vault_.call(std::move(request)));
  return {};
}

Status VaultFile::close() {
  closed_ = true;
  if (!writer_) return close_handle();
  auto finished = room_ ? writer_->finish() : std::unexpected(room_.error());
  // The vault commits only what nobody can write to any more.
  writer_.reset();
  staging_.reset();
  if (!finished) {
    (void)close_handle();
    return fail(std::move(finished).error());
  }
  if (!finished->changed && !must_commit_) return close_handle();
  return commit(std::move(*finished));
}

Status VaultFile::commit(store::FinishedVersion finished) {
  channel::Request request;
  auto* message = request.mutable_commit_upload();
  message->set_handle(handle_);
  message->set_size(finished.description.size);
  message->set_description(to_string(ByteView(finished.description.serialise())));
  message->set_inline_box(to_string(ByteView(finished.inline_box)));
  if (modified_s_) message->set_modified_s(*modified_s_);
  if (permissions_) message->set_permissions(*permissions_);
  message->set_sync(sync_asked_);
  message->set_close(true);
  const auto committed = vault_.call(std::move(request));
  if (committed) return {};
  (void)close_handle();
  return fail(committed.error());
}

}  // namespace bulkhead::processes
