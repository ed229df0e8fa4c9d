// Which requests there are. Private to this folder.
#pragma once

#include <span>
#include <string_view>

#include "sftp/session.h"

namespace bulkhead::sftp {

using RequestHandler = Result<Answer> (Session::*)(std::uint32_t id, PacketReader& in);

struct Request {
  PacketType type;
  std::string_view name;
  RequestHandler handler;
};

struct Extension {
  std::string_view name;
  std::string_view
      data;  // as in SSH_FXP_VERSION (draft section 4): a version; empty: not announced
  RequestHandler handler;
};

struct RequestTables {
  static std::span<const Request> requests();
  static std::span<const Extension> extensions();
};

}  // namespace bulkhead::sftp
