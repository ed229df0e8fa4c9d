#include "test_services.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace bulkhead::ssh::testing {
namespace {
class Echo final : public ChannelHandler {
 public:
  explicit Echo(ChannelWriter& writer) : writer_(writer) {}
  std::size_t on_data(ByteView bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const std::size_t size = std::min<std::size_t>(bytes.size() - done, 32 * 1024);
      if (!writer_.write(bytes.subspan(done, size))) break;
      done += size;
    }
    return done;
  }
  void on_eof() override { writer_.finish(0); }

 private:
  ChannelWriter& writer_;
};

class Discard final : public ChannelHandler {
 public:
  explicit Discard(ChannelWriter& writer) : writer_(writer) {}
  std::size_t on_data(ByteView bytes) override {
    total_ += bytes.size();
    return bytes.size();
  }
  void on_writable() override { on_eof(); }
  void on_eof() override {
    if (writer_.write(as_bytes(std::to_string(total_)))) writer_.finish(0);
  }

 private:
  ChannelWriter& writer_;
  std::uint64_t total_ = 0;
};

class Source final : public ChannelHandler {
 public:
  explicit Source(ChannelWriter& writer) : writer_(writer) {}
  std::size_t on_data(ByteView bytes) override {
    for (const Byte byte : bytes) {
      if (byte == '\n') {
        left_ = std::stoull(number_);
      } else if (number_.size() < 18) {
        number_.push_back(static_cast<char>(byte));
      }
    }
    produce();
    return bytes.size();
  }
  void on_writable() override { produce(); }
  void on_eof() override {}

 private:
  void produce() {
    while (left_ > 0) {
      const std::size_t size = std::min<std::uint64_t>(left_, 32 * 1024);
      const MutableByteView space = writer_.reserve(size);
      if (space.empty()) return;
      std::memset(space.data(), static_cast<int>(left_ >> 8 & 0xFF), size);
      writer_.commit(size);
      left_ -= size;
      if (left_ == 0) writer_.finish(0);
    }
  }

  ChannelWriter& writer_;
  std::string number_;
  std::uint64_t left_ = 0;
};
}  // namespace

std::unique_ptr<ChannelHandler> TestServices::open_subsystem(std::string_view name,
                                                             ChannelWriter& writer) {
  if (name == "echo") return std::make_unique<Echo>(writer);
  if (name == "discard") return std::make_unique<Discard>(writer);
  if (name == "source") return std::make_unique<Source>(writer);
  return nullptr;
}

}  // namespace bulkhead::ssh::testing
