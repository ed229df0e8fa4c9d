#include "drill/stage/files.h"

#include <fmt/format.h>
#include <sys/syscall.h>

#include "drill/stage/large_file.h"
#include "drill/wire/bytes.h"
#include "drill/wire/secrets.h"

namespace bulkhead::drill {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kMostInlineBytes = 65'536;
constexpr std::size_t kBlobHeaderBytes = 64;
constexpr std::size_t kRecordHeaderBytes = 28;
constexpr std::size_t kDescriptionBytes = 72;
constexpr std::string_view kSegment = "BHSG";

void close_descriptors(TakenEdge& edge, const std::vector<int>& descriptors) {
  for (const int fd : descriptors)
    edge.system_call(SYS_close, {static_cast<std::uint64_t>(fd)});
}

void close_handle(TakenEdge& edge, std::uint64_t handle) {
  channel::Request request;
  request.mutable_close_handle()->set_handle(handle);
  edge.ask(request);
}

std::string inline_associated(std::string_view lineage, std::size_t size) {
  std::string associated = "bulkhead inline v1" + std::string(lineage);
  put_le(associated, size, 4);
  return associated;
}

std::string inline_description(std::size_t size) {
  std::string description = {1, 1};
  description.resize(8, '\0');
  put_le(description, size, 8);
  description.resize(kDescriptionBytes, '\0');
  return description;
}

// Walks the records of a part as they lie, without its map.
bool send_segments_home(TakenEdge& edge, int part, std::string_view lineage,
                        const std::string& key) {
  bool any = false;
  for (std::uint64_t at = kBlobHeaderBytes;;) {
    const auto header = edge.system_call(
        SYS_pread64, {static_cast<std::uint64_t>(part), std::string(kRecordHeaderBytes, '\0'),
                      std::uint64_t{kRecordHeaderBytes}, at});
    if (!header || header->value != static_cast<std::int64_t>(kRecordHeaderBytes)) return any;
    const std::string& record = header->buffers[0];
    const auto length = static_cast<std::uint32_t>(read_le(record, 12, 4));
    if (record.starts_with(kSegment)) {
      const std::string associated =
          std::string(lineage) + record.substr(4, 8) + record.substr(12, 4);
      const auto plaintext =
          edge.open_box(key, record.substr(16, kNonceBytes), associated,
                        TakenEdge::Place{part, at + kRecordHeaderBytes,
                                         length + static_cast<std::uint32_t>(kTagBytes)});
      any = any || plaintext.has_value();
    }
    at += kRecordHeaderBytes + length + kTagBytes;
  }
}

bool send_home(TakenEdge& edge, const channel::Content& content, const std::vector<int>& parts,
               const std::string& key) {
  const std::string& box = content.inline_box();
  if (box.size() < kNonceBytes + kTagBytes) {
    bool any = false;
    for (std::size_t i = 0; i < content.parts() && i < parts.size(); ++i)
      any = send_segments_home(edge, parts[i], content.lineage(), key) || any;
    return any;
  }
  return edge
      .open_box(key, box.substr(0, kNonceBytes),
                inline_associated(content.lineage(), box.size() - kNonceBytes - kTagBytes),
                box.substr(kNonceBytes))
      .has_value();
}

}  // namespace

channel::Path path_of(std::string_view path) {
  channel::Path message;
  while (!path.empty()) {
    path.remove_prefix(path.front() == '/' ? 1 : 0);
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) message.add_component(std::string(path.substr(0, end)));
    path.remove_prefix(end);
  }
  return message;
}

void store_file(TakenEdge& edge, const std::string& path, std::string_view contents) {
  channel::Request open;
  auto& wanted = *open.mutable_open_file();
  *wanted.mutable_path() = path_of(path);
  wanted.set_write(true);
  wanted.set_create(true);
  wanted.set_truncate(true);
  const auto opened = edge.ask(open);
  if (!opened || opened->message.code() != 0 || opened->descriptors.empty())
    throw Interrupted(fmt::format("a canary file could not be stored: {}",
                                  opened ? opened->message.message() : "the channel ended"));
  const channel::OpenedFile& file = opened->message.opened_file();
  channel::Request request;
  auto& commit = *request.mutable_commit_upload();
  commit.set_handle(file.handle());
  commit.set_size(contents.size());
  if (contents.size() <= kMostInlineBytes) {
    const std::string nonce = random_bytes(kNonceBytes);
    commit.set_description(inline_description(contents.size()));
    commit.set_inline_box(nonce + gcm_seal(file.write_key_extent_0(), nonce,
                                           inline_associated(file.lineage(), contents.size()),
                                           contents));
  } else {
    const LargeFile large =
        make_large_file(contents, file.write_key_extent_0(), file.lineage(), file.staging_blob());
    commit.set_description(large.description);
    edge.system_call(SYS_pwrite64,
                     {static_cast<std::uint64_t>(opened->descriptors.back()), large.blob,
                      std::uint64_t{large.blob.size()}, std::uint64_t{0}});
  }
  close_descriptors(edge, opened->descriptors);
  const auto committed = edge.ask(request);
  if (!committed || committed->message.code() != 0)
    throw Interrupted(fmt::format("a canary file could not be stored: {}",
                                  committed ? committed->message.message() : "the channel ended"));
  close_handle(edge, file.handle());
}

std::uint64_t open_only(TakenEdge& edge, const std::string& path) {
  channel::Request open;
  *open.mutable_open_file()->mutable_path() = path_of(path);
  open.mutable_open_file()->set_read(true);
  const auto opened = edge.ask(open);
  if (!opened || opened->message.code() != 0) return 0;
  close_descriptors(edge, opened->descriptors);
  return opened->message.opened_file().handle();
}

Taken take_file(TakenEdge& edge, const std::string& path) {
  Taken taken;
  channel::Request open;
  *open.mutable_open_file()->mutable_path() = path_of(path);
  open.mutable_open_file()->set_read(true);
  const auto opened = edge.ask(open);
  if (!opened || opened->message.code() != 0) {
    taken.refused = opened ? opened->message.message() : "the channel ended";
    return taken;
  }
  taken.opened = true;
  const channel::OpenedFile& file = opened->message.opened_file();
  channel::Request request;
  request.mutable_grant_extents()->set_handle(file.handle());
  request.mutable_grant_extents()->set_count(1);
  const auto granted = edge.ask(request);
  if (granted && granted->message.code() == 0) {
    taken.granted = true;
    taken.read = send_home(edge, file.base(), opened->descriptors,
                           granted->message.granted_extents().key(0));
  } else {
    taken.refused = granted ? granted->message.message() : "the channel ended";
  }
  close_descriptors(edge, opened->descriptors);
  close_handle(edge, file.handle());
  return taken;
}

std::vector<std::string> list_folder(TakenEdge& edge, const std::string& path,
                                     std::string* refused) {
  std::vector<std::string> names;
  channel::Request open;
  *open.mutable_open_directory()->mutable_path() = path_of(path);
  auto reply = edge.ask(open);
  const std::uint64_t handle = reply ? reply->message.opened_directory().handle() : 0;
  while (reply && reply->message.code() == 0) {
    for (const auto& entry : reply->message.directory_entries().entry())
      names.push_back(entry.name());
    if (reply->message.directory_entries().end()) break;
    channel::Request next;
    next.mutable_read_directory()->set_handle(handle);
    reply = edge.ask(next);
  }
  if (refused != nullptr && (!reply || reply->message.code() != 0))
    *refused = reply ? reply->message.message() : "the channel ended";
  if (reply && handle != 0) close_handle(edge, handle);
  return names;
}

}  // namespace bulkhead::drill
