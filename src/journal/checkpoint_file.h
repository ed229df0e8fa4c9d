// The file `checkpoints`: a first line with the format, then signed notes, each followed by an
// empty line.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/disk.h"
#include "journal/checkpoint.h"

namespace bulkhead::journal {

constexpr std::string_view kCheckpointsName = "checkpoints";
constexpr std::string_view kCheckpointsFirstLine = "bulkhead checkpoints, format 1\n";

// What is at the end of the file.
struct CheckpointFileEnd {
  std::uint64_t end = 0;  // behind the last whole note; 0 when the file has not even its first line
  std::uint64_t torn = 0;  // bytes behind it
  std::optional<TreeHead> newest;
};
// Reads the tail only. No file is an empty end. kNewerFormat, kCorrupt.
Result<CheckpointFileEnd> read_checkpoint_file_end(Disk& disk, const std::string& path);

// Every checkpoint in order, with its number from 1. kCorrupt names the one that is damaged; a torn
// last one is not an error.
using CheckpointVisitor = std::function<Status(std::uint64_t number, const Checkpoint& checkpoint)>;
Status for_each_checkpoint(Disk& disk, const std::string& path, const CheckpointVisitor& visit);

}  // namespace bulkhead::journal
