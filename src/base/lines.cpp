#include "base/lines.h"

#include <fcntl.h>

#include <utility>

namespace bulkhead {
namespace {

constexpr std::size_t kBlockBytes = 256 * 1024;

}  // namespace

void LineCutter::keep(std::string_view piece) {
  too_long_ = too_long_ || begun_.size() + piece.size() > bytes_most_;
  if (too_long_)
    begun_.clear();
  else
    begun_ += piece;
}

void LineCutter::give(Line& line) {
  line = {begun_, too_long_, true};
  given_ = true;
}

bool LineCutter::next(Line& line) {
  if (given_) {
    begun_.clear();
    too_long_ = false;
    given_ = false;
  }
  const std::size_t end = block_.find('\n');
  const std::string_view piece = block_.substr(0, end);
  const bool whole = end != std::string_view::npos;
  block_.remove_prefix(whole ? end + 1 : block_.size());
  if (whole && begun_.empty() && !too_long_ && piece.size() <= bytes_most_) {
    line = {piece, false, true};  // nothing of it came before
    return true;
  }
  keep(piece);
  if (whole) give(line);
  return whole;
}

bool LineCutter::last(Line& line) {
  if (given_ || (begun_.empty() && !too_long_)) return false;
  give(line);
  line.ended = false;
  return true;
}

LineFile::LineFile(UniqueFd fd, std::string path, std::size_t bytes_most)
    : fd_(std::move(fd)), path_(std::move(path)), cutter_(bytes_most), block_(kBlockBytes) {}

Result<LineFile> LineFile::open(const std::string& path, std::size_t bytes_most) {
  BH_TRY(UniqueFd fd, open_file(path, O_RDONLY));
  return LineFile(std::move(fd), path, bytes_most);
}

Result<bool> LineFile::next(Line& line) {
  while (!cutter_.next(line)) {
    BH_TRY(const std::size_t count, read_at(fd_.get(), block_, offset_, path_));
    if (count == 0) return cutter_.last(line);
    offset_ += count;
    cutter_.put(as_text(ByteView(block_).first(count)));
  }
  return true;
}

}  // namespace bulkhead
