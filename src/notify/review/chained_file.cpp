#include "notify/review/chained_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

#include "crypto/digest.h"

namespace bulkhead::review {
namespace {

constexpr std::uint64_t kVersion = 1;

std::string hash_of(std::string_view line) {
  return to_hex(crypto::sha256(as_bytes(line)));
}

}  // namespace

Result<ChainEnd> read_chain(std::string_view text, const std::string& name, const TakeEntry& take) {
  ChainEnd end;
  end.last.assign(64, '0');
  JsonLineParser parser(name);
  const auto line = [&](std::string_view bytes, std::uint64_t number) -> Status {
    BH_TRY(const JsonObject entry, parser.parse(bytes, number));
    BH_TRY(const std::uint64_t version, entry.number("version"));
    if (version != kVersion)
      return fail(ErrorCode::kNewerFormat,
                  fmt::format("{}:{}: was written by a newer release", name, number));
    BH_TRY(const std::uint64_t count, entry.number("entry"));
    BH_TRY(const std::string previous, entry.text("previous"));
    if (count != end.entries + 1 || previous != end.last)
      return fail(ErrorCode::kCorrupt,
                  fmt::format("{}:{}: does not follow the line before it: lines were changed or "
                              "taken out after they were written",
                              name, number));
    BH_CHECK(take(entry, count));
    ++end.entries;
    end.last = hash_of(bytes);
    return {};
  };
  BH_TRY(const LinesRead read, for_each_line_of(text, line));
  end.whole_bytes = read.whole_bytes;
  end.unfinished = read.unfinished;
  return end;
}

Result<std::string> read_chained_text(const std::string& path) {
  auto bytes = read_file(path, ChainedFile::kBytesMost);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) return std::string();
  if (!bytes) return std::unexpected(bytes.error());
  return std::string(as_text(*bytes));
}

Result<ChainedFile> ChainedFile::open(const std::string& path, const TakeEntry& take) {
  const bool is_new = !std::filesystem::exists(path);
  BH_TRY(UniqueFd fd, open_file(path, O_RDWR | O_CREAT | O_APPEND, 0600));
  while (::flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return fail_errno("locking " + path);
  }
  if (is_new) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    BH_CHECK(sync_directory(folder.empty() ? "." : folder));
  }
  ChainedFile file(path, std::move(fd));
  BH_TRY(const std::string text, read_chained_text(path));
  BH_TRY(file.end_, read_chain(text, path, take));
  if (file.end_.unfinished &&
      ::ftruncate(file.fd_.get(), static_cast<off_t>(file.end_.whole_bytes)) != 0)
    return fail_errno("repairing the end of " + path);
  file.end_.unfinished = false;
  return file;
}

void ChainedFile::add(const std::function<void(JsonWriter&)>& write) {
  JsonWriter json;
  json.begin_object();
  json.member("version", kVersion);
  json.member("entry", ++end_.entries);
  json.member("previous", end_.last);
  write(json);
  json.end_object();
  end_.last = hash_of(json.text());
  added_ += json.text();
  added_ += '\n';
}

Status ChainedFile::commit() {
  BH_CHECK(write_all(fd_.get(), as_bytes(added_), path_));
  BH_CHECK(sync_data(fd_.get(), path_));
  end_.whole_bytes += added_.size();
  added_.clear();
  return {};
}

}  // namespace bulkhead::review
