#include "scp/word_path.h"

#include <algorithm>

namespace bulkhead::scp {
namespace {

// `text` without its "~" or "~name", and then below home.
Result<std::string_view> below_home(std::string_view text, sftp::FileSystem& files) {
  const std::string_view user = text.substr(1, std::min(text.find('/'), text.size()) - 1);
  if (!user.empty() && user != files.user_name())
    return fail(ErrorCode::kNotFound, "No home folder of that name.");
  text.remove_prefix(1 + user.size());
  text.remove_prefix(std::min(text.find_first_not_of('/'), text.size()));
  return text;
}

}  // namespace

Result<sftp::Path> path_of(const Word& word, sftp::FileSystem& files, const sftp::Path& home) {
  std::string_view text = word.text;
  if (word.tilde) {
    BH_TRY(text, below_home(text, files));
  }
  return sftp::Path::parse(text, home);
}

Result<Glob> glob_of(const Word& word, sftp::FileSystem& files, const sftp::Path& home) {
  std::string_view pattern = word.pattern;
  if (word.tilde) {
    BH_TRY(pattern, below_home(pattern, files));
  }
  return Glob::parse(files, pattern, home);
}

}  // namespace bulkhead::scp
