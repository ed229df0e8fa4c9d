// Who may do what in a folder, as written on the command line: NAME:read,write,list,delete.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace bulkhead::cli {

struct FolderMember {
  std::string user;
  std::string rights;  // in the order read,write,list,delete, each at most once; never empty
};

Result<FolderMember> read_member(std::string_view text);

}  // namespace bulkhead::cli
