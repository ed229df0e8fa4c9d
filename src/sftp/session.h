// The requests of one SFTP session, packet by packet. Private to this folder: see server.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "sftp/check_file.h"
#include "sftp/copy_data.h"
#include "sftp/file_system.h"
#include "sftp/handles.h"
#include "sftp/packet_reader.h"
#include "sftp/protocol.h"
#include "sftp/reply_sink.h"
#include "sftp/status.h"

namespace bulkhead::sftp {

// How a request that went well is answered.
enum class Answer {
  kOk,     // SSH_FX_OK is still to be said
  kSent,   // its reply is in the sink
  kLater,  // a long request has begun
};

// Every request has exactly one reply (draft section 3), and they come in the order of the
// requests. An error that is returned to the server ends the session; an error of a single request
// becomes its status.
class Session {
 public:
  Session(FileSystem& file_system, ReplySink& sink, const Clock& clock);

  // Any packet but SSH_FXP_WRITE, from its type on.
  Status on_packet(ByteView packet);

  // SSH_FXP_WRITE: from its type up to its data, of which `behind` bytes follow in the packet.
  // Returns how many of them are the data; the caller passes on exactly so many, then ends.
  Result<std::size_t> begin_write(ByteView packet, std::size_t behind);
  void write_piece(ByteView piece);
  void end_write();

  bool busy() const { return !std::holds_alternative<std::monostate>(under_way_); }
  void resume();

 private:
  friend struct RequestTables;

  struct CheckedRange {  // as the client asks for it
    std::string_view hashes;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;  // 0: to the end
    std::uint32_t block_bytes = 0;
  };
  struct Write {
    std::uint32_t id = 0;
    File* file = nullptr;  // none where the handle does not do
    std::uint64_t offset = 0;
    Status outcome;  // the first error
  };

  // session.cpp
  Status on_init(PacketReader in);
  Status finish(std::uint32_t id, const PacketReader& in, std::string_view name,
                const Result<Answer>& answer);
  Result<Answer> on_unsupported_link(std::uint32_t id, PacketReader& in);
  Result<Answer> on_extended(std::uint32_t id, PacketReader& in);
  void send_status(std::uint32_t id, const StatusReply& status);
  void send_name(std::uint32_t id, std::string_view name);
  void send_attributes(std::uint32_t id, const Attributes& attributes);
  void send_handle(std::uint32_t id, const HandleTable::Handle& handle);
  Result<Path> path(std::string_view text) const { return Path::parse(text, home_); }
  // To be asked when all fields were read and before anything is done.
  static Status complete(const PacketReader& in);

  // session_files.cpp
  Result<Answer> on_open(std::uint32_t id, PacketReader& in);
  Result<Answer> on_close(std::uint32_t id, PacketReader& in);
  Result<Answer> on_read(std::uint32_t id, PacketReader& in);
  Result<Answer> on_fstat(std::uint32_t id, PacketReader& in);
  Result<Answer> on_fsetstat(std::uint32_t id, PacketReader& in);
  Status prepare_write(ByteView handle, std::uint64_t offset, std::size_t size);
  Result<OpenFile*> file(ByteView handle);

  // session_paths.cpp
  Result<Answer> on_stat(std::uint32_t id, PacketReader& in);
  Result<Answer> on_setstat(std::uint32_t id, PacketReader& in);
  Result<Answer> on_remove(std::uint32_t id, PacketReader& in);
  Result<Answer> on_mkdir(std::uint32_t id, PacketReader& in);
  Result<Answer> on_rmdir(std::uint32_t id, PacketReader& in);
  Result<Answer> on_realpath(std::uint32_t id, PacketReader& in);
  Result<Answer> on_rename(std::uint32_t id, PacketReader& in);
  Result<Answer> rename(PacketReader& in, bool replace);
  Result<Answer> on_opendir(std::uint32_t id, PacketReader& in);
  Result<Answer> on_readdir(std::uint32_t id, PacketReader& in);
  void send_entries(std::uint32_t id, OpenDirectory& listing);

  // session_extensions.cpp
  Result<Answer> on_posix_rename(std::uint32_t id, PacketReader& in);
  Result<Answer> on_statvfs(std::uint32_t id, PacketReader& in);
  Result<Answer> on_fstatvfs(std::uint32_t id, PacketReader& in);
  Result<Answer> on_fsync(std::uint32_t id, PacketReader& in);
  Result<Answer> on_limits(std::uint32_t id, PacketReader& in);
  Result<Answer> on_expand_path(std::uint32_t id, PacketReader& in);
  Result<Answer> on_home_directory(std::uint32_t id, PacketReader& in);
  Result<Answer> on_users_groups_by_id(std::uint32_t id, PacketReader& in);
  Result<Answer> on_lsetstat(std::uint32_t id, PacketReader& in);
  Result<Answer> on_copy_data(std::uint32_t id, PacketReader& in);
  Result<Answer> on_check_file_handle(std::uint32_t id, PacketReader& in);
  Result<Answer> on_check_file_name(std::uint32_t id, PacketReader& in);
  Result<Answer> on_check_file_old(std::uint32_t id, PacketReader& in);
  Result<Answer> check_handle(std::uint32_t id, PacketReader& in, bool old_reply);
  Result<Answer> begin_check(std::uint32_t id, CheckFile::Job job, const CheckedRange& range);
  void send_hashes(const CheckFile& check);
  static CheckedRange read_range(PacketReader& in);
  Result<Answer> send_capacity(std::uint32_t id);

  FileSystem& file_system_;
  ReplySink& sink_;
  const Clock& clock_;
  Path home_;
  HandleTable handles_;
  bool initialised_ = false;
  Write write_;
  std::variant<std::monostate, CopyData, CheckFile> under_way_;
  std::uint32_t under_way_id_ = 0;
};

}  // namespace bulkhead::sftp
