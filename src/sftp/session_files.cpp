// SSH_FXP_OPEN, CLOSE, READ, WRITE, FSTAT, FSETSTAT: draft sections 6.3, 6.4, 6.8.
#include <algorithm>

#include "sftp/limits.h"
#include "sftp/reply_writer.h"
#include "sftp/session.h"
#include "sftp/wire_attributes.h"

namespace bulkhead::sftp {
namespace {

// pflags as OpenSSH's server hands them to open(2): neither READ nor WRITE means reading; CREAT and
// TRUNC do what they say for readers too; EXCL says nothing without CREAT.
struct OpenPlan {
  OpenFlags flags;
  bool readable = false;
  bool writable = false;
  bool appending = false;
  // CREAT by somebody who only reads: what is there is opened without asking for the right to write
  // it.
  bool existing_first = false;
};

OpenPlan plan_open(std::uint32_t pflags) {
  const auto has = [&](std::uint32_t flag) { return (pflags & flag) != 0; };
  OpenPlan plan;
  plan.writable = has(kOpenWrite);
  plan.readable = has(kOpenRead) || !has(kOpenWrite);
  plan.appending = has(kOpenAppend);
  plan.flags.create = has(kOpenCreate);
  plan.flags.truncate = has(kOpenTruncate);
  plan.flags.exclusive = has(kOpenExclusive) && has(kOpenCreate);
  plan.flags.read = plan.readable;
  plan.flags.write = plan.writable || plan.flags.create || plan.flags.truncate;
  plan.existing_first =
      !plan.writable && plan.flags.create && !plan.flags.truncate && !plan.flags.exclusive;
  return plan;
}

Result<std::unique_ptr<File>> open_as_planned(FileSystem& file_system, const Path& path,
                                              const OpenPlan& plan,
                                              std::optional<std::uint32_t> permissions) {
  if (plan.existing_first) {
    auto existing = file_system.open(path, {.read = true}, permissions);
    if (existing || existing.error().code != ErrorCode::kNotFound) return existing;
  }
  return file_system.open(path, plan.flags, permissions);
}

}  // namespace

Result<Answer> Session::on_open(std::uint32_t id, PacketReader& in) {
  const std::string_view name = in.text();
  const OpenPlan plan = plan_open(in.u32());
  const AttributeChanges attributes = read_attributes(in);
  BH_CHECK(complete(in));
  BH_TRY(Path where, path(name));
  BH_CHECK(handles_.check_room_for_file());
  BH_TRY(auto opened, open_as_planned(file_system_, where, plan, attributes.permissions));
  send_handle(id, handles_.add(OpenFile{std::move(opened), std::move(where), plan.readable,
                                        plan.writable, plan.appending}));
  return Answer::kSent;
}

Result<OpenFile*> Session::file(ByteView handle) {
  if (OpenFile* found = handles_.file(handle)) return found;
  return fail(ErrorCode::kConflict, "That handle is not of an open file.");
}

Result<Answer> Session::on_close(std::uint32_t /*id*/, PacketReader& in) {
  const ByteView handle = in.string();
  BH_CHECK(complete(in));
  if (auto closing = handles_.take_file(handle)) {
    BH_CHECK(closing->file->close());
    return Answer::kOk;
  }
  if (handles_.remove_directory(handle)) return Answer::kOk;
  return fail(ErrorCode::kConflict, "That handle is not open.");
}

Result<Answer> Session::on_read(std::uint32_t id, PacketReader& in) {
  const ByteView handle = in.string();
  const std::uint64_t offset = in.u64();
  const std::uint32_t wanted = in.u32();
  BH_CHECK(complete(in));
  BH_TRY(OpenFile * open, file(handle));
  if (!open->readable)
    return fail(ErrorCode::kPermissionDenied, "The file was not opened for reading.");
  if (offset > kMaxFileOffset)
    return fail(ErrorCode::kInvalidArgument, "No file can be that large.");

  const std::uint32_t most = std::min(wanted, kMaxReadBytes);
  ReplyWriter out(sink_, PacketType::kData, id, 4 + most);
  const std::size_t size_at = out.u32_later();
  std::size_t got = 0;
  if (most > 0) {
    BH_TRY(got, open->file->read(offset, out.rest().first(most)));
    BH_ASSERT(got <= most);
    if (got == 0) {
      send_status(id, {StatusCode::kEof, "End of file."});
      return Answer::kSent;
    }
  }
  out.set_u32(size_at, static_cast<std::uint32_t>(got));
  out.skip(got);
  out.send();
  return Answer::kSent;
}

Result<std::size_t> Session::begin_write(ByteView packet, std::size_t behind) {
  if (!initialised_) return fail(ErrorCode::kMalformed, "SSH_FXP_WRITE before SSH_FXP_INIT.");
  PacketReader in(packet);
  in.u8();
  const std::uint32_t id = in.u32();
  const ByteView handle = in.string();
  const std::uint64_t offset = in.u64();
  const std::uint32_t size = in.u32();
  if (!in.ok() || size > behind) {
    Error error(ErrorCode::kMalformed, "SSH_FXP_WRITE ends in the middle of its fields.");
    send_status(id, status_of(error));
    return fail(std::move(error));
  }
  write_ = Write{.id = id};
  write_.outcome = prepare_write(handle, offset, size);
  return size;
}

Status Session::prepare_write(ByteView handle, std::uint64_t offset, std::size_t size) {
  BH_TRY(OpenFile * open, file(handle));
  if (!open->writable)
    return fail(ErrorCode::kPermissionDenied, "The file was not opened for writing.");
  if (open->appending) {
    BH_TRY(offset, open->file->size());
  }
  if (offset > kMaxFileOffset || size > kMaxFileOffset - offset) {
    return fail(ErrorCode::kInvalidArgument, "No file can be that large.");
  }
  write_.file = open->file.get();
  write_.offset = offset;
  return {};
}

// After an error the rest of the data is read over: what counts is the packet's one reply.
void Session::write_piece(ByteView piece) {
  if (!write_.outcome) return;
  write_.outcome = write_.file->write(write_.offset, piece);
  write_.offset += piece.size();
}

void Session::end_write() {
  send_status(write_.id, status_of(write_.outcome));
  write_ = {};
}

Result<Answer> Session::on_fstat(std::uint32_t id, PacketReader& in) {
  const ByteView handle = in.string();
  BH_CHECK(complete(in));
  BH_TRY(OpenFile * open, file(handle));
  BH_TRY(const Attributes attributes, open->file->stat());
  send_attributes(id, attributes);
  return Answer::kSent;
}

Result<Answer> Session::on_fsetstat(std::uint32_t /*id*/, PacketReader& in) {
  const ByteView handle = in.string();
  const AttributeChanges changes = read_attributes(in);
  BH_CHECK(complete(in));
  BH_TRY(OpenFile * open, file(handle));
  if (changes.size > kMaxFileOffset)
    return fail(ErrorCode::kInvalidArgument, "No file can be that large.");
  if (changes.size && !open->writable) {
    return fail(ErrorCode::kPermissionDenied, "The file was not opened for writing.");
  }
  if (!changes.empty()) BH_CHECK(open->file->set_attributes(changes));
  return Answer::kOk;
}

}  // namespace bulkhead::sftp
