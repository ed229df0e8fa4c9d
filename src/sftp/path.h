// A path, parsed once: the only form in which a client's path travels any further than this folder.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bulkhead::sftp {

constexpr std::size_t kMaxNameBytes = 255;
constexpr std::size_t kMaxPathDepth = 64;

// The components from the root of what this user sees; none of them for the root itself. Each is 1
// to 255 bytes of anything (SFTP v3 does not say that names are UTF-8) but '/' and NUL, and none is
// "." or "..". A value; the invariant holds because there is no way to build one past the checks.
class Path {
 public:
  Path() = default;  // the root

  // `text` is hostile. '/' separates, any number of them; "." and ".." are resolved lexically
  // ("..", at the root, stays there: there are no symbolic links that could make that differ from
  // walking); a trailing '/' means nothing. What does not start with '/' starts at `home`, and the
  // empty text is `home`. kInvalidArgument for a NUL or a name that is too long, kLimitExceeded for
  // a path that is too deep; the sentence does not repeat the text.
  static Result<Path> parse(std::string_view text, const Path& home);
  // From components that somebody else delivers (the vault's home folder): the same checks, "." and
  // ".." refused.
  static Result<Path> from_components(std::vector<std::string> components);

  const std::vector<std::string>& components() const { return components_; }
  bool is_root() const { return components_.empty(); }
  std::string_view name() const {
    return components_.empty() ? "/" : std::string_view(components_.back());
  }
  Path parent() const;  // of the root: the root
  // What is called `name` in this folder; the checks of from_components().
  Result<Path> below(std::string_view name) const;
  bool starts_with(const Path& other) const;  // equal, or below it

  // "/a/b"; "/" for the root.
  std::string text() const;

  auto operator<=>(const Path&) const = default;

 private:
  std::vector<std::string> components_;
};

}  // namespace bulkhead::sftp
