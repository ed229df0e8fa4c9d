// Listing a folder, getting a file or a part of it, putting one.
#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"
#include "https/connection.h"
#include "https/limits.h"
#include "https/range.h"
#include "https/routes.h"

namespace bulkhead::https {
namespace {

constexpr const char* kFilesRoot = "/api/v1/files";

std::string entity_tag(const sftp::File& file) {
  const std::string tag = file.content_tag();
  return tag.empty() ? "" : "\"" + tag + "\"";
}

// RFC 9110 section 13.1.5: a part only of what the client has the rest of. A date says less than it
// must, so that only a tag is taken.
bool range_counts(const RequestHead& head, const std::string& tag) {
  const std::string* condition = head.field("if-range");
  return condition == nullptr || (!tag.empty() && *condition == tag);
}

bool names_tag(const std::string& list, const std::string& tag) {
  return list == "*" || (!tag.empty() && list.find(tag) != std::string::npos);
}

void write_entry(JsonWriter& json, const sftp::Path& folder, const sftp::DirectoryEntry& entry) {
  const bool is_folder = entry.attributes.kind == sftp::Kind::kDirectory;
  json.begin_object();
  json.member("name", entry.name);  // for showing: a name that is no UTF-8 can only be had by href
  if (const auto path = folder.below(entry.name))
    json.member("href", kFilesRoot + encoded_path(*path) + (is_folder ? "/" : ""));
  json.member("kind", is_folder ? "folder" : "file");
  if (!is_folder) json.member("size", entry.attributes.size);
  json.member("modified", to_rfc3339(entry.attributes.modified_s * kMicrosPerSecond));
  json.end_object();
}

std::string chunk(std::string_view content) {
  return fmt::format("{:x}\r\n{}\r\n", content.size(), content);
}

}  // namespace

std::optional<FilesTarget> Connection::files_target() {
  auto target =
      parse_files_target(std::string_view(reader_.head().target).substr(route_->path.size()));
  if (target) return std::move(*target);
  answer_error(target.error());
  return std::nullopt;
}

// What it is is not asked for first: opening it says so, and most of what is got are files.
void Connection::get_files() {
  const auto target = files_target();
  if (!target) return;
  if (target->folder) return get_folder(target->path);
  auto file = files_->open(target->path, {.read = true}, std::nullopt);
  if (file) return get_file(std::move(*file));
  if (file.error().code == ErrorCode::kIsDirectory) return get_folder(target->path);
  answer_error(file.error());
}

void Connection::get_file(std::unique_ptr<sftp::File> file) {
  const auto attributes = file->stat();
  if (!attributes) return answer_error(attributes.error());
  const std::uint64_t size = attributes->size;
  const RequestHead& head = reader_.head();
  const std::string tag = entity_tag(*file);
  AnswerHead answered{
      .status = 200,
      .fields = {{"Accept-Ranges", "bytes"}, {"Last-Modified", http_date(attributes->modified_s)}},
      .close = false};
  if (!tag.empty()) answered.fields.emplace_back("ETag", tag);
  if (const auto* known = head.field("if-none-match"); known != nullptr && names_tag(*known, tag)) {
    answered.status = 304;
    return answer(std::move(answered), {});
  }
  const std::string* range = head.method == "GET" ? head.field("range") : nullptr;
  RangeAnswer wanted;
  if (range != nullptr && range_counts(head, tag)) wanted = answer_range(*range, size);
  if (wanted.kind == RangeAnswer::Kind::kNotSatisfiable) {
    answered.status = 416;
    answered.fields.emplace_back("Content-Range", fmt::format("bytes */{}", size));
    return answer(std::move(answered), error_body("the file is not so long"));
  }
  ByteRange part{0, size};
  if (wanted.kind == RangeAnswer::Kind::kPart) {
    part = wanted.part;
    answered.status = 206;
    answered.fields.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", part.first,
                                                              part.first + part.bytes - 1, size));
  }
  begin_download(std::move(answered), std::move(file), part.first, part.bytes);
}

// The first piece is read before the answer begins: what is refused is then answered as such.
void Connection::begin_download(AnswerHead head, std::unique_ptr<sftp::File> file,
                                std::uint64_t first, std::uint64_t bytes) {
  head.fields.emplace_back("Content-Type", "application/octet-stream");
  head.fields.emplace_back("Content-Disposition", "attachment");
  head.fields.emplace_back("Content-Length", std::to_string(bytes));
  const bool with_content = reader_.head().method != "HEAD";
  Bytes piece(with_content ? static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kReadBytes))
                           : 0);
  if (!piece.empty()) {
    const auto got = file->read(first, piece);
    if (!got) return answer_error(got.error());
    if (*got != piece.size()) return answer_error(500, "the file is shorter than it says");
  }
  begin_answer(std::move(head));
  put(as_text(piece));
  download_at_ = first + piece.size();
  download_left_ = with_content ? bytes - piece.size() : 0;
  if (download_left_ == 0) return answer_is_over();
  download_ = std::move(file);
}

void Connection::download_some() {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(download_left_, kReadBytes));
  output_.resize(size);
  sent_ = 0;
  const auto got = download_->read(download_at_, output_);
  if (!got || *got != size) return break_off();  // the answer has begun: it can only be cut short
  download_at_ += size;
  download_left_ -= size;
  moved();
  if (download_left_ > 0) return;
  download_.reset();
  answer_is_over();
}

void Connection::get_folder(const sftp::Path& path) {
  auto folder = files_->open_directory(path);
  if (!folder && folder.error().code == ErrorCode::kNotDirectory)
    return answer_error(404, "that is a file: leave the last '/' out");
  if (!folder) return answer_error(folder.error());
  std::vector<sftp::DirectoryEntry> entries;
  if (const Status first = (*folder)->next(entries, kEntriesAtOnce); !first)
    return answer_error(first.error());
  begin_answer({.status = 200,
                .fields = {{"Content-Type", "application/json"}, {"Transfer-Encoding", "chunked"}},
                .close = false});
  if (reader_.head().method == "HEAD") return answer_is_over();
  JsonWriter json;
  json.begin_object();
  json.member("path", path.text());
  json.key("entries");
  json.begin_array();
  std::string text(json.text());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    JsonWriter entry;
    write_entry(entry, path, entries[i]);
    text += (i == 0 ? "\n" : ",\n") + std::move(entry).take();
  }
  listed_ = path;
  if (entries.empty()) {
    put(chunk(text + "]}\n") + chunk(""));
    return answer_is_over();
  }
  put(chunk(text));
  listing_ = std::move(*folder);
}

void Connection::list_some() {
  std::vector<sftp::DirectoryEntry> entries;
  if (!listing_->next(entries, kEntriesAtOnce)) return break_off();
  moved();
  std::string text;
  for (const sftp::DirectoryEntry& each : entries) {
    JsonWriter entry;
    write_entry(entry, listed_, each);
    text += ",\n" + std::move(entry).take();
  }
  if (!entries.empty()) return put(chunk(text));
  listing_.reset();
  put(chunk("\n]}\n") + chunk(""));
  answer_is_over();
}

void Connection::begin_upload() {
  const RequestHead& head = reader_.head();
  const auto target = files_target();
  if (!target) return;
  if (target->folder) return answer_error(409, "a file's path does not end with '/'");
  if (head.field("content-range") != nullptr)  // RFC 9110 section 14.5
    return answer_error(400, "files are put whole: leave Content-Range out");
  if (!head.chunked && !head.content_length)
    return answer_error(411, "say how long it is, or send it in chunks");
  if (head.field("if-match") != nullptr ||
      (head.field("if-none-match") != nullptr && *head.field("if-none-match") != "*"))
    return answer_error(501, "of conditions there is only If-None-Match: * here");
  const bool only_new = head.field("if-none-match") != nullptr;
  const auto there = files_->stat(target->path);
  if (!there && there.error().code != ErrorCode::kNotFound) return answer_error(there.error());
  if (there && there->kind == sftp::Kind::kDirectory) return answer_error(409, "that is a folder");
  auto file = files_->open(target->path,
                           {.write = true, .create = true, .exclusive = only_new, .truncate = true},
                           std::nullopt);
  if (!file) return answer_error(file.error());
  upload_ = std::move(*file);
  upload_at_ = 0;
  upload_is_new_ = !there;
}

void Connection::upload_some(ByteView content) {
  if (const Status written = upload_->write(upload_at_, content); !written)
    return answer_error(written.error());
  upload_at_ += content.size();
}

// There is no going on with it later: what HTTP puts it puts whole.
void Connection::drop_upload() {
  if (upload_) upload_->abandon();
  upload_.reset();
}

void Connection::finish_upload() {
  const Status closed = upload_->close();
  upload_.reset();
  if (!closed) return answer_error(closed.error());
  answer({.status = upload_is_new_ ? 201 : 204, .fields = {}, .close = false}, {});
}

}  // namespace bulkhead::https
