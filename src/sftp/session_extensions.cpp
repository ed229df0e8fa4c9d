// SSH_FXP_EXTENDED: OpenSSH's PROTOCOL, section 4, and draft-ietf-secsh-filexfer-extensions-00.
#include "sftp/limits.h"
#include "sftp/reply_writer.h"
#include "sftp/session.h"

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
  copy_.emplace(CopyData::Job{.from = from->file.get(),
                              .from_offset = from_offset,
                              .size = size,
                              .to_end = to_end,
                              .to = to->file.get(),
                              .to_offset = to_offset});
  copy_id_ = id;
  return Answer::kLater;
}

}  // namespace bulkhead::sftp
