#include "exposure/layouts/layout_shelf.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/fd.h"
#include "crypto/digest.h"
#include "exposure/layouts/copybook.h"
#include "exposure/layouts/layout_yaml.h"

namespace bulkhead::exposure {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxLayoutBytes = 2 * 1024 * 1024;
constexpr std::size_t kMaxEntries = 5'000;  // of a folder that are looked at

bool looks_like_yaml_layout(std::string_view text) {
  const std::string_view head = text.substr(0, 4096);
  const std::size_t version = head.find("version:");
  const bool first =
      version != std::string_view::npos && (version == 0 || head[version - 1] == '\n');
  return first && (text.find("fields:") != std::string_view::npos);
}

bool is_plain_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\x1A';
  });
}

}  // namespace

bool looks_like_layout(std::string_view text) {
  const std::string_view head = text.substr(0, 16'384);
  return is_plain_text(head) && (looks_like_yaml_layout(head) || looks_like_copybook(head));
}

Result<LayoutPtr> parse_layout(std::string_view text, std::string_view name, const Rules& rules) {
  auto layout = looks_like_yaml_layout(text) ? parse_layout_yaml(text, name, rules)
                                             : parse_copybook(text, name, rules);
  if (!layout) return fail(layout.error());
  return std::make_shared<const RecordLayout>(std::move(*layout));
}

Status LayoutShelf::give(const std::string& path) {
  const std::string name = fs::path(path).filename().string();
  auto text = read_file(path, kMaxLayoutBytes);
  if (!text) return fail(text.error().within("reading the layout"));
  auto layout = parse_layout(as_text(*text), name, rules_);
  if (!layout) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}: neither a copybook nor a layout: {}",
                                                         name, layout.error().message));
  }
  const crypto::Sha256 digest = crypto::sha256(*text);
  read_.push_back({path, Bytes(digest.begin(), digest.end())});
  given_.push_back(std::move(*layout));
  return {};
}

Layouts LayoutShelf::for_file(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return {given_, [this, folder] { return in_folder(folder); }};
}

std::vector<LayoutPtr> LayoutShelf::in_folder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  const auto known = folders_.find(folder);
  if (known != folders_.end()) return known->second;
  std::vector<fs::path> files;
  std::error_code error;
  std::size_t entries = 0;
  for (fs::directory_iterator at(folder.empty() ? "." : folder, error), end;
       !error && at != end && entries < kMaxEntries; at.increment(error), ++entries) {
    std::error_code one;
    const fs::file_status status = at->symlink_status(one);
    if (!one && fs::is_regular_file(status) && at->file_size(one) <= kMaxLayoutBytes && !one)
      files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  std::vector<LayoutPtr> layouts;
  for (const fs::path& file : files) {
    const auto text = read_file(file.string(), kMaxLayoutBytes);
    if (!text || !looks_like_layout(as_text(*text))) continue;
    auto layout = parse_layout(as_text(*text), file.filename().string(), rules_);
    if (layout) layouts.push_back(std::move(*layout));
  }
  return folders_[folder] = std::move(layouts);
}

}  // namespace bulkhead::exposure
