#include "processes/files/own_upload.h"

#include "processes/files/vault_file_system.h"

namespace bulkhead::processes {

OwnUploadHandle::OwnUploadHandle(VaultFileSystem& files, std::shared_ptr<OwnUpload> upload,
                                 bool writing)
    : files_(files), upload_(std::move(upload)), writing_(writing) {
  ++(writing_ ? upload_->writers : upload_->readers);
}

OwnUploadHandle::~OwnUploadHandle() {
  if (!closed_) leave();
}

// The last one to go takes the file along: it is parked where nobody closed it.
void OwnUploadHandle::leave() {
  closed_ = true;
  --(writing_ ? upload_->writers : upload_->readers);
  if (upload_->writers == 0) files_.writing_ends(*upload_);
  if (upload_->writers + upload_->readers > 0) return;
  if (upload_->gone && upload_->file) upload_->file->discard();
  upload_->file.reset();
}

Result<VaultFile*> OwnUploadHandle::file() {
  if (!upload_->file) {
    if (upload_->gone) return fail(ErrorCode::kNotFound, "the file was removed");
    BH_TRY(upload_->file,
           files_.open_stored(upload_->path, {.read = true, .write = upload_->writers > 0}));
  }
  return upload_->file.get();
}

Result<std::size_t> OwnUploadHandle::read(std::uint64_t offset, MutableByteView into) {
  BH_TRY(VaultFile * open, file());
  return open->read(offset, into);
}

Status OwnUploadHandle::write(std::uint64_t offset, ByteView bytes) {
  BH_TRY(VaultFile * open, file());
  return open->write(offset, bytes);
}

Result<std::uint64_t> OwnUploadHandle::size() {
  BH_TRY(VaultFile * open, file());
  return open->size();
}

Result<sftp::Attributes> OwnUploadHandle::stat() {
  BH_TRY(VaultFile * open, file());
  return open->stat();
}

Status OwnUploadHandle::set_attributes(const sftp::AttributeChanges& changes) {
  BH_TRY(VaultFile * open, file());
  return open->set_attributes(changes);
}

Status OwnUploadHandle::sync() {
  BH_TRY(VaultFile * open, file());
  return open->sync();
}

Status OwnUploadHandle::close() {
  const Status closed = writing_ ? close_writer() : Status();
  leave();
  return closed;
}

void OwnUploadHandle::abandon() {
  upload_->gone = true;
  leave();
}

Status OwnUploadHandle::close_writer() {
  if (upload_->gone) return {};   // nobody can find it any more
  if (!upload_->file) return {};  // another one's close committed everything
  const auto file = std::move(upload_->file);
  return file->close();
}

}  // namespace bulkhead::processes
