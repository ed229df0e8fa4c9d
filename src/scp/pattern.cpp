#include "scp/pattern.h"

#include <algorithm>

#include "scp/limits.h"

namespace bulkhead::scp {
namespace {

struct Item {  // one place of a pattern
  std::size_t size = 0;
  bool fits = false;
};

// "[a-z]", "[!0-9]"; without its end the '[' stands for itself.
Item bracket(std::string_view pattern, unsigned char byte) {
  std::size_t at = 1;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  bool fits = false;
  const auto take = [&] {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
    return static_cast<unsigned char>(pattern[at++]);
  };
  for (bool first = true; at < pattern.size(); first = false) {
    if (pattern[at] == ']' && !first) return {at + 1, fits != negated};
    const unsigned char low = take();
    unsigned char high = low;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      ++at;
      high = take();
    }
    fits |= low <= byte && byte <= high;
  }
  return {1, byte == '['};
}

Item item(std::string_view pattern, char byte) {
  switch (pattern.front()) {
    case '?':
      return {1, true};
    case '[':
      return bracket(pattern, static_cast<unsigned char>(byte));
    case '\\':
      if (pattern.size() > 1) return {2, pattern[1] == byte};
      return {1, byte == '\\'};
    default:
      return {1, pattern.front() == byte};
  }
}

bool is_wild(std::string_view component) {
  for (std::size_t at = 0; at < component.size(); ++at) {
    if (component[at] == '\\') {
      ++at;
    } else if (component[at] == '*' || component[at] == '?' || component[at] == '[') {
      return true;
    }
  }
  return false;
}

std::string without_backslashes(std::string_view component) {
  std::string name;
  for (std::size_t at = 0; at < component.size(); ++at) {
    if (component[at] == '\\' && at + 1 < component.size()) ++at;
    name.push_back(component[at]);
  }
  return name;
}

}  // namespace

bool matches(std::string_view name, std::string_view pattern) {
  if (name.starts_with('.') && !pattern.starts_with('.') && !pattern.starts_with("\\."))
    return false;
  // Where to go on when what was tried does not fit: behind the last '*', one byte further.
  std::optional<std::string_view> after_star;
  std::string_view star_name;
  while (!name.empty() || !pattern.empty()) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      after_star = pattern;
      star_name = name;
      continue;
    }
    if (!name.empty() && !pattern.empty()) {
      if (const Item one = item(pattern, name.front()); one.fits) {
        pattern.remove_prefix(one.size);
        name.remove_prefix(1);
        continue;
      }
    }
    if (!after_star || star_name.empty()) return false;
    star_name.remove_prefix(1);
    name = star_name;
    pattern = *after_star;
  }
  return true;
}

Result<Glob> Glob::parse(sftp::FileSystem& files, std::string_view pattern,
                         const sftp::Path& home) {
  Glob glob(files);
  if (!pattern.starts_with('/')) glob.start_ = home;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t end = std::min(pattern.find('/', at), pattern.size());
    const std::string_view component = pattern.substr(at, end - at);
    at = end + 1;
    if (component.empty() || component == ".") continue;
    if (glob.components_.size() == sftp::kMaxPathDepth)
      return fail(ErrorCode::kLimitExceeded, "The path is deeper than 64 folders.");
    glob.components_.emplace_back(component);
  }
  return glob;
}

Result<Glob::Step> Glob::step() {
  if (!begun_) {
    begun_ = true;
    return walk(std::move(start_), 0);
  }
  if (levels_.empty()) return Step::kEnd;
  Level& level = levels_.back();
  if (level.next == level.entries.size()) {
    level.entries.clear();
    level.next = 0;
    BH_CHECK(level.folder->next(level.entries, kDirectoryBatchEntries));
    if (level.entries.empty()) levels_.pop_back();
    return Step::kWorking;
  }
  const sftp::DirectoryEntry& entry = level.entries[level.next++];
  const bool last = level.component + 1 == components_.size();
  if (!last && entry.attributes.kind != sftp::Kind::kDirectory) return Step::kWorking;
  if (!matches(entry.name, components_[level.component])) return Step::kWorking;
  BH_TRY(sftp::Path path, level.path.below(entry.name));
  return walk(std::move(path), level.component + 1);
}

// Along the components that name one thing, to the next that may name many.
Result<Glob::Step> Glob::walk(sftp::Path path, std::size_t component) {
  bool known = component == components_.size();  // from the listing of its folder
  for (; component < components_.size() && !is_wild(components_[component]); ++component) {
    const std::string name = without_backslashes(components_[component]);
    if (name == "..") {
      path = path.parent();
    } else {
      BH_TRY(path, path.below(name));
    }
  }
  if (component == components_.size()) {
    if (!known && !files_->stat(path)) return Step::kWorking;
    found_ = std::move(path);
    return Step::kFound;
  }
  auto folder = files_->open_directory(path);
  if (!folder) {
    // What is not there fits nothing; a budget that is spent is worth a word.
    if (folder.error().code == ErrorCode::kRefused) return fail(std::move(folder).error());
    return Step::kWorking;
  }
  levels_.push_back({std::move(path), component, std::move(*folder), {}, 0});
  return Step::kWorking;
}

}  // namespace bulkhead::scp
