#include "sftp/path.h"

#include <algorithm>

namespace bulkhead::sftp {
namespace {

Status check_component(std::string_view component) {
  if (component.size() > kMaxNameBytes) {
    return fail(ErrorCode::kInvalidArgument, "A name in the path is longer than 255 bytes.");
  }
  if (component.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument, "The path contains a NUL byte.");
  }
  return {};
}

std::unexpected<Error> too_deep() {
  return fail(ErrorCode::kLimitExceeded, "The path is deeper than 64 folders.");
}

}  // namespace

Result<Path> Path::parse(std::string_view text, const Path& home) {
  Path path;
  if (text.empty() || text.front() != '/') path = home;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('/', at), text.size());
    const std::string_view component = text.substr(at, end - at);
    at = end + 1;
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      if (!path.components_.empty()) path.components_.pop_back();
      continue;
    }
    BH_CHECK(check_component(component));
    if (path.components_.size() == kMaxPathDepth) return too_deep();
    path.components_.emplace_back(component);
  }
  return path;
}

Result<Path> Path::from_components(std::vector<std::string> components) {
  if (components.size() > kMaxPathDepth) return too_deep();
  for (const std::string& component : components) {
    BH_CHECK(check_component(component));
    if (component.empty() || component == "." || component == ".." || component.contains('/')) {
      return fail(ErrorCode::kInvalidArgument, "A component of the path is not a name.");
    }
  }
  Path path;
  path.components_ = std::move(components);
  return path;
}

Result<Path> Path::below(std::string_view name) const {
  std::vector<std::string> components = components_;
  components.emplace_back(name);
  return from_components(std::move(components));
}

Path Path::parent() const {
  Path path = *this;
  if (!path.components_.empty()) path.components_.pop_back();
  return path;
}

bool Path::starts_with(const Path& other) const {
  return other.components_.size() <= components_.size() &&
         std::equal(other.components_.begin(), other.components_.end(), components_.begin());
}

std::string Path::text() const {
  if (components_.empty()) return "/";
  std::string text;
  for (const std::string& component : components_)
    text.append(1, '/').append(component);
  return text;
}

}  // namespace bulkhead::sftp
