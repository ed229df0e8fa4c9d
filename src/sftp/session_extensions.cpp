// SSH_FXP_EXTENDED: OpenSSH's PROTOCOL, section 4, and draft-ietf-secsh-filexfer-extensions-00.
#include <algorithm>

#include "sftp/limits.h"
#include "sftp/reply_writer.h"
#include "sftp/session.h"
#include "sftp/wire_attributes.h"

namespace bulkhead::sftp {

// PROTOCOL 4.3.
Result<Answer> Session::on_posix_rename(std::uint32_t /*id*/, PacketReader& in) {
  return rename(in, true);
}

// PROTOCOL 4.4: the space is that of the whole deployment, wherever in it the path is.
Result<Answer> Session::on_statvfs(std::uint32_t id, PacketReader& in) {
  const std::string_view name = in.text();
  BH_CHECK(complete(in));
  BH_TRY(const Path where, path(name));
  BH_CHECK(file_system_.stat(where));
  return send_capacity(id);
}

Result<Answer> Session::on_fstatvfs(std::uint32_t id, PacketReader& in) {
  const ByteView handle = in.string();
  BH_CHECK(complete(in));
  if (handles_.directory(handle) == nullptr) BH_CHECK(file(handle));
  return send_capacity(id);
}

Result<Answer> Session::send_capacity(std::uint32_t id) {
  constexpr std::uint64_t kBlockBytes = 4096;
  constexpr std::uint64_t kNoSetuid = 0x2;
  BH_TRY(const Capacity capacity, file_system_.capacity());
  const std::uint64_t free_blocks = capacity.free_bytes / kBlockBytes;
  ReplyWriter out(sink_, PacketType::kExtendedReply, id, 11 * 8);
  out.u64(kBlockBytes);                         // f_bsize
  out.u64(kBlockBytes);                         // f_frsize
  out.u64(capacity.total_bytes / kBlockBytes);  // f_blocks
  out.u64(free_blocks);                         // f_bfree
  out.u64(free_blocks);                         // f_bavail
  out.u64(0);                                   // f_files: there is no such limit
  out.u64(0);                                   // f_ffree
  out.u64(0);                                   // f_favail
  out.u64(0);                                   // f_fsid
  out.u64(kNoSetuid);                           // f_flag
  out.u64(kMaxNameBytes);                       // f_namemax
  out.send();
  return Answer::kSent;
}

// PROTOCOL 4.6.
Result<Answer> Session::on_fsync(std::uint32_t /*id*/, PacketReader& in) {
  const ByteView handle = in.string();
  BH_CHECK(complete(in));
  BH_TRY(OpenFile * open, file(handle));
  BH_CHECK(open->file->sync());
  return Answer::kOk;
}

// PROTOCOL 4.7. A size has no meaning for a link: refused as OpenSSH's server does.
Result<Answer> Session::on_lsetstat(std::uint32_t id, PacketReader& in) {
  PacketReader ahead = in;
  ahead.text();
  const AttributeChanges changes = read_attributes(ahead);
  if (ahead.ok() && changes.size)
    return fail(ErrorCode::kInvalidArgument, "lsetstat does not change sizes.");
  return on_setstat(id, in);
}

// PROTOCOL 4.8.
Result<Answer> Session::on_limits(std::uint32_t id, PacketReader& /*in*/) {
  ReplyWriter out(sink_, PacketType::kExtendedReply, id, 4 * 8);
  out.u64(kAnnouncedPacketBytes);
  out.u64(kMaxReadBytes);
  out.u64(kAnnouncedWriteBytes);
  out.u64(kMaxOpenFiles);
  out.send();
  return Answer::kSent;
}

// PROTOCOL 4.9: "~", "~/..." and "~name/...", the last for oneself only: who else there is, is
// nobody's business.
Result<Answer> Session::on_expand_path(std::uint32_t id, PacketReader& in) {
  std::string_view name = in.text();
  BH_CHECK(complete(in));
  if (name.starts_with('~')) {
    const std::string_view user = name.substr(1, name.find('/') - 1);
    if (!user.empty() && user != file_system_.user_name()) {
      return fail(ErrorCode::kNotFound, "No home folder of that name.");
    }
    name.remove_prefix(1 + user.size());
    while (name.starts_with('/'))
      name.remove_prefix(1);  // what follows "~/" is below home
  }
  BH_TRY(const Path where, path(name));
  send_name(id, where.text());
  return Answer::kSent;
}

// PROTOCOL 4.11.
Result<Answer> Session::on_home_directory(std::uint32_t id, PacketReader& in) {
  const std::string_view user = in.text();
  BH_CHECK(complete(in));
  if (!user.empty() && user != file_system_.user_name()) {
    return fail(ErrorCode::kNotFound, "No home folder of that name.");
  }
  send_name(id, home_.text());
  return Answer::kSent;
}

// PROTOCOL 4.12.
Result<Answer> Session::on_users_groups_by_id(std::uint32_t id, PacketReader& in) {
  const ByteView uids = in.string();
  const ByteView gids = in.string();
  BH_CHECK(complete(in));
  Bytes names;  // both lists, each behind its length
  const auto append_list = [&](ByteView numbers, auto name_of) {
    const std::size_t start = names.size();
    names.resize(start + 4);
    PacketReader list(numbers);
    while (list.remaining() > 0 && list.ok() && names.size() <= kMaxReplyBytes) {
      const std::string name = name_of(list.u32());
      names.resize(names.size() + 4);
      store_be(names.data() + names.size() - 4, static_cast<std::uint32_t>(name.size()));
      names.insert(names.end(), name.begin(), name.end());
    }
    store_be(names.data() + start, static_cast<std::uint32_t>(names.size() - start - 4));
    return list.ok();
  };
  const bool whole =
      append_list(uids, [&](std::uint32_t uid) { return file_system_.name_of_user(uid); }) &&
      append_list(gids, [&](std::uint32_t gid) { return file_system_.name_of_group(gid); });
  if (!whole)
    return fail(ErrorCode::kMalformed, "The list of numbers is not a multiple of four bytes.");
  if (names.size() > kMaxReplyBytes - ReplyWriter::kHeaderBytes) {
    return fail(ErrorCode::kLimitExceeded, "Too many numbers for one reply; ask for fewer.");
  }
  ReplyWriter out(sink_, PacketType::kExtendedReply, id, names.size());
  out.bytes(names);
  out.send();
  return Answer::kSent;
}

// PROTOCOL 4.10.
Result<Answer> Session::on_copy_data(std::uint32_t id, PacketReader& in) {
  const ByteView from_handle = in.string();
  const std::uint64_t from_offset = in.u64();
  std::uint64_t size = in.u64();
  const ByteView to_handle = in.string();
  std::uint64_t to_offset = in.u64();
  BH_CHECK(complete(in));
  BH_TRY(const OpenFile* from, file(from_handle));
  BH_TRY(const OpenFile* to, file(to_handle));
  if (!from->readable || !to->writable) {
    return fail(ErrorCode::kPermissionDenied,
                "The files were not opened for reading and for writing.");
  }
  // As OpenSSH's server does, also through two handles.
  if (from == to || from->path == to->path) {
    return fail(ErrorCode::kConflict, "A file cannot be copied onto itself.");
  }
  if (to->appending) {
    BH_TRY(to_offset, to->file->size());
  }
  if (from_offset > kMaxFileOffset || to_offset > kMaxFileOffset) {
    return fail(ErrorCode::kInvalidArgument, "No file can be that large.");
  }
  const bool to_end = size == 0;
  if (to_end) {  // the end as it is now: a copy that feeds itself would never come to it
    BH_TRY(const std::uint64_t end, from->file->size());
    size = end > from_offset ? end - from_offset : 0;
  }
  under_way_.emplace<CopyData>(CopyData::Job{.from = from->file.get(),
                                             .from_offset = from_offset,
                                             .size = size,
                                             .to_end = to_end,
                                             .to = to->file.get(),
                                             .to_offset = to_offset});
  under_way_id_ = id;
  return Answer::kLater;
}

// The fields that all forms of check-file have behind the name or the handle.
Session::CheckedRange Session::read_range(PacketReader& in) {
  CheckedRange range;
  range.hashes = in.text();
  range.offset = in.u64();
  range.size = in.u64();
  range.block_bytes = in.u32();
  return range;
}

// draft-ietf-secsh-filexfer-extensions-00, section 3.
Result<Answer> Session::on_check_file_handle(std::uint32_t id, PacketReader& in) {
  return check_handle(id, in, false);
}

// As an earlier draft has it and some clients (paramiko) still ask: by a handle, and the reply
// begins with the extension's name. The draft announces "check-file" and asks by the other two.
Result<Answer> Session::on_check_file_old(std::uint32_t id, PacketReader& in) {
  return check_handle(id, in, true);
}

Result<Answer> Session::check_handle(std::uint32_t id, PacketReader& in, bool old_reply) {
  const ByteView handle = in.string();
  const CheckedRange range = read_range(in);
  BH_CHECK(complete(in));
  BH_TRY(const OpenFile* open, file(handle));
  if (!open->readable)
    return fail(ErrorCode::kPermissionDenied, "The file was not opened for reading.");
  return begin_check(id, {.file = open->file.get(), .old_reply = old_reply}, range);
}

Result<Answer> Session::on_check_file_name(std::uint32_t id, PacketReader& in) {
  const std::string_view name = in.text();
  const CheckedRange range = read_range(in);
  BH_CHECK(complete(in));
  BH_TRY(const Path where, path(name));
  BH_TRY(auto opened, file_system_.open(where, {.read = true}, std::nullopt));
  return begin_check(id, {.file = opened.get(), .opened = std::move(opened)}, range);
}

Result<Answer> Session::begin_check(std::uint32_t id, CheckFile::Job job,
                                    const CheckedRange& range) {
  job.hash = choose_file_hash(range.hashes);
  if (job.hash == nullptr) {
    return fail(ErrorCode::kUnsupported, "None of these hashes is offered; offered are " +
                                             std::string(kFileHashNames) + ".");
  }
  BH_TRY(const std::uint64_t end, job.file->size());
  if (range.offset > end)
    return fail(ErrorCode::kInvalidArgument, "The file ends before what is to be hashed.");
  job.offset = range.offset;
  job.size = end - range.offset;
  if (range.size != 0) job.size = std::min(job.size, range.size);
  job.block_bytes = range.block_bytes;
  BH_CHECK(CheckFile::hashes_size(job));
  under_way_.emplace<CheckFile>(std::move(job));
  under_way_id_ = id;
  return Answer::kLater;
}

void Session::send_hashes(const CheckFile& check) {
  constexpr std::string_view kOldName = "check-file";
  const std::string_view hash = check.job().hash->name;
  ReplyWriter out(sink_, PacketType::kExtendedReply, under_way_id_,
                  4 + kOldName.size() + 4 + hash.size() + check.hashes().size());
  if (check.job().old_reply) out.text(kOldName);
  out.text(hash);
  out.bytes(check.hashes());  // as many as there are, without a length
  out.send();
}

}  // namespace bulkhead::sftp
