#include "cli/backup_note.h"

#include <fmt/format.h>

#include <charconv>

namespace bulkhead::cli {
namespace {

constexpr std::string_view kKind = "bulkhead backup ";
constexpr int kFormat = 1;

std::unexpected<Error> malformed(int line) {
  return fail(ErrorCode::kMalformed,
              fmt::format("line {} of the file \"format\" is not what a backup has there", line));
}

// Takes the next line off the text.
bool next_line(std::string_view& text, std::string_view& line) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

bool take_number(std::string_view& text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

}  // namespace

std::string encode(const BackupNote& note) {
  return fmt::format("{}{}\nmade {}\nblobs {} {}\nkey {}\n\n{}", kKind, kFormat, note.made,
                     note.blobs, note.blob_bytes, note.verifier_key, note.checkpoint);
}

Result<BackupNote> parse_backup_note(std::string_view text) {
  std::string_view line;
  std::uint64_t format = 0;
  if (!next_line(text, line) || !take(line, kKind)) return fail(ErrorCode::kNotFound, "no backup");
  if (!take_number(line, format) || !line.empty()) return malformed(1);
  if (format != kFormat)
    return fail(ErrorCode::kNewerFormat, "the backup was made by a newer release: use that one");
  BackupNote note;
  if (!next_line(text, line) || !take(line, "made ") || line.size() > 64) return malformed(2);
  note.made = line;
  if (!next_line(text, line) || !take(line, "blobs ") || !take_number(line, note.blobs) ||
      !take(line, " ") || !take_number(line, note.blob_bytes) || !line.empty())
    return malformed(3);
  if (!next_line(text, line) || !take(line, "key ") || line.empty()) return malformed(4);
  note.verifier_key = line;
  if (!next_line(text, line) || !line.empty()) return malformed(5);
  if (text.empty()) return malformed(6);
  note.checkpoint = text;
  return note;
}

}  // namespace bulkhead::cli
