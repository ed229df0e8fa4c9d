// From a word of the command to what it names. '~' is the user's home, "~name" for the user's own
// name only: who else there is, is nobody's business.
#pragma once

#include "scp/command.h"
#include "scp/pattern.h"
#include "sftp/path.h"

namespace bulkhead::scp {

Result<sftp::Path> path_of(const Word& word, sftp::FileSystem& files, const sftp::Path& home);
Result<Glob> glob_of(const Word& word, sftp::FileSystem& files, const sftp::Path& home);

}  // namespace bulkhead::scp
