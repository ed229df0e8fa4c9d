#include "exposure/readers/block_window.h"

#include <cstring>

namespace bulkhead::exposure {

Result<bool> BlockWindow::more() {
  if (exhausted_) return false;
  if (at_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
    base_ += at_;
    end_ -= at_;
    at_ = 0;
  }
  if (end_ == buffer_.size()) return false;
  const MutableByteView room = MutableByteView(buffer_).subspan(end_);
  BH_TRY(const std::size_t count, source_->read_at(base_ + end_, room));
  end_ += count;
  if (count < room.size()) exhausted_ = true;
  return count > 0;
}

}  // namespace bulkhead::exposure
