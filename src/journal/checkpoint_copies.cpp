#include "journal/checkpoint_copies.h"

#include <fmt/format.h>

#include <algorithm>

#include "journal/note_lines.h"

namespace bulkhead::journal {
namespace {

constexpr std::string_view kHandedOutName = "handed-out";
constexpr std::string_view kHandedOutStart = "bulkhead handed-out checkpoint, format 1, at ";
constexpr std::string_view kCosignedPrefix = "cosigned-";
constexpr std::string_view kCosignedFirstLine = "bulkhead cosigned checkpoint, format 1";
constexpr std::size_t kDigits = 16;
constexpr std::size_t kMaxFileSize = 32 * 1024;

std::string cosigned_name(std::uint64_t entries) {
  return fmt::format("{}{:016x}", kCosignedPrefix, entries);
}

bool is_cosigned_name(std::string_view name) {
  return name.starts_with(kCosignedPrefix) && name.size() == kCosignedPrefix.size() + kDigits &&
         name.find_first_not_of("0123456789abcdef", kCosignedPrefix.size()) ==
             std::string_view::npos;
}

Result<std::string> read_all(Disk& disk, const std::string& path) {
  BH_TRY(const auto file, disk.open(path, OpenMode::kRead));
  BH_TRY(const std::uint64_t size, file->size());
  if (size > kMaxFileSize) return fail(ErrorCode::kCorrupt, path + " is too long for what it is");
  std::string text(size, '\0');
  BH_CHECK(read_exactly_at(*file, {reinterpret_cast<Byte*>(text.data()), text.size()}, 0, path));
  return text;
}

// Written beside, synced, renamed over.
Status replace(Disk& disk, const std::string& folder, std::string_view name,
               std::string_view text) {
  const std::string path = fmt::format("{}/{}", folder, name);
  const std::string beside = path + ".new";
  if (const Status removed = disk.remove(beside);
      !removed && removed.error().code != ErrorCode::kNotFound) {
    return removed;
  }
  BH_TRY(const auto file, disk.open(beside, OpenMode::kCreate));
  BH_CHECK(file->write_at(as_bytes(text), 0));
  BH_CHECK(file->sync_data());
  BH_CHECK(disk.rename(beside, path));
  return disk.sync_directory(folder);
}

Result<Checkpoint> read_cosigned_file(Disk& disk, const std::string& path) {
  BH_TRY(const std::string text, read_all(disk, path));
  std::string_view rest = text;
  const auto first = take_line(rest);
  if (first != kCosignedFirstLine) {
    const bool newer = first && first->starts_with("bulkhead cosigned checkpoint, format ");
    return fail(newer ? ErrorCode::kNewerFormat : ErrorCode::kCorrupt,
                path + (newer ? " was written by a newer release: use that one"
                              : " does not start as a cosigned checkpoint"));
  }
  auto checkpoint = parse_checkpoint(rest);
  if (!checkpoint) return fail(ErrorCode::kCorrupt, path + ": " + checkpoint.error().message);
  return checkpoint;
}

bool has_line(const Checkpoint& checkpoint, const SignatureLine& line) {
  return std::ranges::any_of(checkpoint.signatures, [&](const SignatureLine& one) {
    return one.name == line.name && one.key_id == line.key_id;
  });
}

}  // namespace

Status keep_handed_out(Disk& disk, const std::string& folder, std::string_view note,
                       std::uint64_t at_s) {
  return replace(disk, folder, kHandedOutName,
                 fmt::format("{}{}\n{}", kHandedOutStart, at_s, note));
}

Status keep_cosigned(Disk& disk, const std::string& folder, const Checkpoint& checkpoint) {
  Checkpoint joined = checkpoint;
  const std::string name = cosigned_name(checkpoint.head.size);
  const auto there = read_cosigned_file(disk, folder + "/" + name);
  if (!there && there.error().code != ErrorCode::kNotFound) return fail(there.error());
  if (there && there->signed_text != checkpoint.signed_text) {
    return fail(ErrorCode::kConflict,
                fmt::format("{}/{} is a cosigned checkpoint of as many entries with another root: "
                            "one of the two is of a fork; keep both as evidence",
                            folder, name));
  }
  if (there) {
    for (const SignatureLine& line : there->signatures) {
      if (!has_line(joined, line)) joined.signatures.push_back(line);
    }
  }
  return replace(disk, folder, name, fmt::format("{}\n{}", kCosignedFirstLine, encode(joined)));
}

std::optional<LeftCheckpoint> newest_handed_out(Disk& disk, const std::string& folder,
                                                const CheckpointKey& key) {
  const auto text = read_all(disk, fmt::format("{}/{}", folder, kHandedOutName));
  if (!text || !text->starts_with(kHandedOutStart)) return std::nullopt;
  std::string_view rest = *text;
  const auto first = take_line(rest);
  const auto at_s = first ? parse_decimal(first->substr(kHandedOutStart.size())) : std::nullopt;
  auto checkpoint = parse_checkpoint(rest);
  if (!at_s || !checkpoint || !verify_checkpoint(*checkpoint, key)) return std::nullopt;
  return LeftCheckpoint{std::move(*checkpoint), *at_s};
}

std::optional<LeftCheckpoint> newest_cosigned(Disk& disk, const std::string& folder,
                                              const CheckpointKey& key,
                                              const std::vector<WitnessKey>& witnesses) {
  auto names = disk.list(folder);
  if (!names) return std::nullopt;
  std::erase_if(*names, [](const std::string& name) { return !is_cosigned_name(name); });
  std::ranges::sort(*names, std::greater());
  for (const std::string& name : *names) {
    const auto checkpoint = read_cosigned_file(disk, folder + "/" + name);
    if (!checkpoint || !verify_checkpoint(*checkpoint, key)) continue;
    std::optional<std::uint64_t> at_s;
    for (const WitnessKey& witness : witnesses)
      at_s = std::max(at_s, cosigned_at(*checkpoint, witness));
    if (at_s) return LeftCheckpoint{*checkpoint, *at_s};
  }
  return std::nullopt;
}

Result<std::vector<Checkpoint>> read_cosigned(Disk& disk, const std::string& folder) {
  BH_TRY(std::vector<std::string> names, disk.list(folder));
  std::erase_if(names, [](const std::string& name) { return !is_cosigned_name(name); });
  std::ranges::sort(names);
  std::vector<Checkpoint> all;
  for (const std::string& name : names) {
    BH_TRY(Checkpoint checkpoint, read_cosigned_file(disk, folder + "/" + name));
    if (cosigned_name(checkpoint.head.size) != name) {
      return fail(ErrorCode::kCorrupt, fmt::format("{}/{} holds a checkpoint of {} entries", folder,
                                                   name, checkpoint.head.size));
    }
    all.push_back(std::move(checkpoint));
  }
  return all;
}

}  // namespace bulkhead::journal
