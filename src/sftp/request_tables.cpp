#include "sftp/request_tables.h"

#include <array>

namespace bulkhead::sftp {

// SSH_FXP_INIT and SSH_FXP_WRITE are not here: the one has no id, the other arrives in pieces.
std::span<const Request> RequestTables::requests() {
  using enum PacketType;
  static constexpr std::array kRequests = {
      Request{kOpen, "SSH_FXP_OPEN", &Session::on_open},
      Request{kClose, "SSH_FXP_CLOSE", &Session::on_close},
      Request{kRead, "SSH_FXP_READ", &Session::on_read},
      Request{kLstat, "SSH_FXP_LSTAT", &Session::on_stat},
      Request{kFstat, "SSH_FXP_FSTAT", &Session::on_fstat},
      Request{kSetstat, "SSH_FXP_SETSTAT", &Session::on_setstat},
      Request{kFsetstat, "SSH_FXP_FSETSTAT", &Session::on_fsetstat},
      Request{kOpendir, "SSH_FXP_OPENDIR", &Session::on_opendir},
      Request{kReaddir, "SSH_FXP_READDIR", &Session::on_readdir},
      Request{kRemove, "SSH_FXP_REMOVE", &Session::on_remove},
      Request{kMkdir, "SSH_FXP_MKDIR", &Session::on_mkdir},
      Request{kRmdir, "SSH_FXP_RMDIR", &Session::on_rmdir},
      Request{kRealpath, "SSH_FXP_REALPATH", &Session::on_realpath},
      Request{kStat, "SSH_FXP_STAT", &Session::on_stat},
      Request{kRename, "SSH_FXP_RENAME", &Session::on_rename},
      Request{kReadlink, "SSH_FXP_READLINK", &Session::on_unsupported_link},
      Request{kSymlink, "SSH_FXP_SYMLINK", &Session::on_unsupported_link},
      Request{kExtended, "SSH_FXP_EXTENDED", &Session::on_extended},
  };
  return kRequests;
}

// hardlink@openssh.com is refused in words but not announced, so that clients say at once that the
// server has none.
std::span<const Extension> RequestTables::extensions() {
  static constexpr std::array kExtensions = {
      Extension{"posix-rename@openssh.com", "1", &Session::on_posix_rename},
      Extension{"statvfs@openssh.com", "2", &Session::on_statvfs},
      Extension{"fstatvfs@openssh.com", "2", &Session::on_fstatvfs},
      Extension{"hardlink@openssh.com", "", &Session::on_unsupported_link},
      Extension{"fsync@openssh.com", "1", &Session::on_fsync},
      Extension{"lsetstat@openssh.com", "1", &Session::on_lsetstat},
      Extension{"limits@openssh.com", "1", &Session::on_limits},
      Extension{"expand-path@openssh.com", "1", &Session::on_expand_path},
      Extension{"copy-data", "1", &Session::on_copy_data},
      Extension{"check-file", kFileHashNames, &Session::on_check_file_old},
      Extension{"check-file-handle", "1", &Session::on_check_file_handle},
      Extension{"check-file-name", "1", &Session::on_check_file_name},
      Extension{"home-directory", "1", &Session::on_home_directory},
      Extension{"users-groups-by-id@openssh.com", "1", &Session::on_users_groups_by_id},
  };
  return kExtensions;
}

}  // namespace bulkhead::sftp
