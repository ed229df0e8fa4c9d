#include "memory_file_system.h"

#include <algorithm>

namespace bulkhead::sftp::test {

struct MemoryFileSystem::Node {
  Attributes attributes;
  std::string contents;
  std::map<std::string, NodePtr> children;
  const Options* options = nullptr;
  std::shared_ptr<std::size_t> nodes;  // how many there are

  ~Node() { --*nodes; }
  bool is_folder() const { return attributes.kind == Kind::kDirectory; }
  std::int64_t now_s() const {
    return (options->clock != nullptr ? *options->clock : system_clock()).now() / kMicrosPerSecond;
  }
  void touch() { attributes.modified_s = now_s(); }
  Attributes seen() const {
    Attributes result = attributes;
    if (!is_folder()) result.size = contents.size();
    return result;
  }
  Status resize(std::uint64_t size) {
    if (is_folder()) return fail(ErrorCode::kIsDirectory, "That is a folder.");
    if (size > options->max_file_bytes)
      return fail(ErrorCode::kNoSpace, "The file would be too large.");
    contents.resize(size);
    touch();
    return {};
  }
  Status change(const AttributeChanges& changes) {
    if (changes.size) BH_CHECK(resize(*changes.size));
    if (changes.permissions) attributes.permissions = *changes.permissions;
    if (changes.times) {
      attributes.accessed_s = changes.times->accessed_s;
      attributes.modified_s = changes.times->modified_s;
    }
    if (changes.ownership && (changes.ownership->uid != kUid || changes.ownership->gid != kGid)) {
      return fail(ErrorCode::kPermissionDenied, "Files cannot be given away.");
    }
    return {};
  }
};

namespace {

using Node = MemoryFileSystem::Node;
using Counts = MemoryFileSystem::Counts;

class MemoryFile final : public File {
 public:
  MemoryFile(std::shared_ptr<Node> node, std::shared_ptr<Counts> counts)
      : node_(std::move(node)), counts_(std::move(counts)) {}
  ~MemoryFile() override {
    if (!closed_) ++counts_->abandoned;
  }

  Result<std::size_t> read(std::uint64_t offset, MutableByteView into) override {
    BH_ASSERT(!closed_ && !into.empty());
    if (offset >= node_->contents.size()) return 0;
    const std::size_t size = std::min<std::uint64_t>(into.size(), node_->contents.size() - offset);
    std::memcpy(into.data(), node_->contents.data() + offset, size);
    return size;
  }
  Status write(std::uint64_t offset, ByteView bytes) override {
    BH_ASSERT(!closed_ && !bytes.empty());
    ++counts_->writes;
    if (offset + bytes.size() > node_->contents.size())
      BH_CHECK(node_->resize(offset + bytes.size()));
    std::memcpy(node_->contents.data() + offset, bytes.data(), bytes.size());
    node_->touch();
    return {};
  }
  Result<std::uint64_t> size() override { return node_->contents.size(); }
  Result<Attributes> stat() override { return node_->seen(); }
  Status set_attributes(const AttributeChanges& changes) override { return node_->change(changes); }
  Status sync() override {
    ++counts_->synced;
    return {};
  }
  Status close() override {
    BH_ASSERT(!closed_);
    closed_ = true;
    ++counts_->closed;
    return {};
  }

 private:
  std::shared_ptr<Node> node_;
  std::shared_ptr<Counts> counts_;
  bool closed_ = false;
};

class MemoryDirectory final : public Directory {
 public:
  explicit MemoryDirectory(std::shared_ptr<Node> node) : node_(std::move(node)) {}

  Status next(std::vector<DirectoryEntry>& entries, std::size_t most) override {
    auto at = started_ ? node_->children.upper_bound(last_) : node_->children.begin();
    for (; at != node_->children.end() && most > 0; ++at, --most) {
      entries.push_back({at->first, at->second->seen()});
      last_ = at->first;
      started_ = true;
    }
    return {};
  }

 private:
  std::shared_ptr<Node> node_;
  std::string last_;
  bool started_ = false;
};

}  // namespace

MemoryFileSystem::MemoryFileSystem(Options options) : options_(std::move(options)) {
  root_ = std::make_shared<Node>();
  root_->nodes = std::make_shared<std::size_t>(1);
  root_->options = &options_;
  root_->attributes.kind = Kind::kDirectory;
  root_->attributes.permissions = 0755;
  root_->attributes.uid = kUid;
  root_->attributes.gid = kGid;
  root_->touch();
  Path at;
  for (const std::string& name : options_.home.components()) {
    std::vector<std::string> components = at.components();
    components.push_back(name);
    at = *Path::from_components(std::move(components));
    BH_ASSERT(make_directory(at, std::nullopt).has_value());
  }
}

MemoryFileSystem::~MemoryFileSystem() = default;

Result<MemoryFileSystem::NodePtr> MemoryFileSystem::find(const Path& path) const {
  NodePtr node = root_;
  for (const std::string& name : path.components()) {
    if (!node->is_folder())
      return fail(ErrorCode::kNotDirectory, "A part of the path is not a folder.");
    const auto child = node->children.find(name);
    if (child == node->children.end())
      return fail(ErrorCode::kNotFound, "There is no such file or folder.");
    node = child->second;
  }
  return node;
}

Result<MemoryFileSystem::NodePtr> MemoryFileSystem::find_folder(const Path& path) const {
  BH_TRY(NodePtr node, find(path));
  if (!node->is_folder()) return fail(ErrorCode::kNotDirectory, "That is not a folder.");
  return node;
}

Result<MemoryFileSystem::NodePtr> MemoryFileSystem::make_node(Kind kind,
                                                              std::uint32_t permissions) {
  if (*root_->nodes >= options_.max_nodes)
    return fail(ErrorCode::kNoSpace, "There are too many files.");
  auto node = std::make_shared<Node>();
  node->nodes = root_->nodes;
  ++*node->nodes;
  node->options = &options_;
  node->attributes.kind = kind;
  node->attributes.permissions = permissions & ~options_.umask;
  node->attributes.uid = kUid;
  node->attributes.gid = kGid;
  node->attributes.owner = options_.user;
  node->attributes.group = "acme";
  node->touch();
  node->attributes.accessed_s = node->attributes.modified_s;
  return node;
}

void MemoryFileSystem::put(std::string_view path, std::string_view contents) {
  const Path where = *Path::parse(path, Path());
  const Path parent = where.parent();
  NodePtr node = root_;
  for (const std::string& name : parent.components()) {
    NodePtr& child = node->children[name];
    if (!child) child = *make_node(Kind::kDirectory, 0777);
    node = child;
  }
  NodePtr file = *make_node(Kind::kFile, 0666);
  file->contents = contents;
  node->children[std::string(where.name())] = std::move(file);
}

std::string MemoryFileSystem::contents(std::string_view path) const {
  const auto node = find(*Path::parse(path, Path()));
  return node ? (*node)->contents : "";
}

bool MemoryFileSystem::exists(std::string_view path) const {
  return find(*Path::parse(path, Path())).has_value();
}

Result<Attributes> MemoryFileSystem::stat(const Path& path) {
  ++counts_->stats;
  BH_TRY(const NodePtr node, find(path));
  return node->seen();
}

Status MemoryFileSystem::set_attributes(const Path& path, const AttributeChanges& changes) {
  BH_ASSERT(!changes.empty());
  BH_TRY(const NodePtr node, find(path));
  return node->change(changes);
}

Result<std::unique_ptr<File>> MemoryFileSystem::open(const Path& path, const OpenFlags& flags,
                                                     std::optional<std::uint32_t> permissions) {
  BH_ASSERT(flags.read || flags.write);
  BH_ASSERT(flags.write || !(flags.create || flags.truncate || flags.exclusive));
  BH_ASSERT(flags.create || !flags.exclusive);
  auto node = find(path);
  if (node && flags.exclusive) return fail(ErrorCode::kAlreadyExists, "It exists already.");
  if (!node && node.error().code == ErrorCode::kNotFound && flags.create) {
    BH_TRY(const NodePtr folder, find_folder(path.parent()));
    node = make_node(Kind::kFile, permissions.value_or(0666));
    if (node) {
      folder->children[std::string(path.name())] = *node;
      folder->touch();
    }
  }
  if (!node) return fail(node.error());
  if ((*node)->is_folder()) return fail(ErrorCode::kIsDirectory, "That is a folder.");
  if (flags.truncate) BH_CHECK((*node)->resize(0));
  return std::make_unique<MemoryFile>(*node, counts_);
}

Status MemoryFileSystem::remove(const Path& path) {
  BH_TRY(const NodePtr node, find(path));
  if (node->is_folder()) return fail(ErrorCode::kIsDirectory, "That is a folder.");
  BH_TRY(const NodePtr folder, find(path.parent()));
  folder->children.erase(std::string(path.name()));
  folder->touch();
  return {};
}

Result<std::unique_ptr<Directory>> MemoryFileSystem::open_directory(const Path& path) {
  BH_TRY(NodePtr node, find_folder(path));
  return std::make_unique<MemoryDirectory>(std::move(node));
}

Status MemoryFileSystem::make_directory(const Path& path,
                                        std::optional<std::uint32_t> permissions) {
  if (path.is_root() || find(path)) return fail(ErrorCode::kAlreadyExists, "It exists already.");
  BH_TRY(const NodePtr folder, find_folder(path.parent()));
  BH_TRY(folder->children[std::string(path.name())],
         make_node(Kind::kDirectory, permissions.value_or(0777)));
  folder->touch();
  return {};
}

Status MemoryFileSystem::remove_directory(const Path& path) {
  BH_TRY(const NodePtr node, find_folder(path));
  if (!node->children.empty()) return fail(ErrorCode::kNotEmpty, "The folder is not empty.");
  if (path.is_root()) return fail(ErrorCode::kPermissionDenied, "The root stays.");
  BH_TRY(const NodePtr folder, find(path.parent()));
  folder->children.erase(std::string(path.name()));
  folder->touch();
  return {};
}

Status MemoryFileSystem::check_replaceable(const Node& moving, const Node& in_the_way) const {
  if (moving.is_folder() && !in_the_way.is_folder()) {
    return fail(ErrorCode::kNotDirectory, "A folder cannot replace a file.");
  }
  if (!moving.is_folder() && in_the_way.is_folder()) {
    return fail(ErrorCode::kIsDirectory, "A file cannot replace a folder.");
  }
  if (!in_the_way.children.empty()) return fail(ErrorCode::kNotEmpty, "The folder is not empty.");
  return {};
}

Status MemoryFileSystem::rename(const Path& from, const Path& to, bool replace) {
  BH_TRY(const NodePtr node, find(from));
  if (from.is_root() || to.is_root()) return fail(ErrorCode::kConflict, "The root stays.");
  const auto in_the_way = find(to);
  if (in_the_way && !replace) return fail(ErrorCode::kAlreadyExists, "It exists already.");
  if (from == to) return {};
  BH_TRY(const NodePtr target, find_folder(to.parent()));
  if (to.starts_with(from))
    return fail(ErrorCode::kInvalidArgument, "A folder cannot move into itself.");
  if (in_the_way) BH_CHECK(check_replaceable(*node, **in_the_way));
  BH_TRY(const NodePtr source, find(from.parent()));
  source->children.erase(std::string(from.name()));
  target->children[std::string(to.name())] = node;
  source->touch();
  target->touch();
  return {};
}

}  // namespace bulkhead::sftp::test
