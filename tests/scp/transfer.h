// A session over a file system in memory, with somebody at the other end.
#pragma once

#include <gtest/gtest.h>

#include "../sftp/memory_file_system.h"
#include "../sftp/wire.h"
#include "scp/session.h"

namespace bulkhead::scp::test {

class Transfer {
 public:
  Transfer(sftp::FileSystem& files, std::string_view command)
      : session_(start(command, files, sink_)) {
    EXPECT_TRUE(sink_.bytes.empty());
    settle();
  }

  // What the client sends, and what it gets before it must send more.
  std::string say(std::string_view bytes) {
    ByteView rest = as_bytes(bytes);
    for (int idle = 0; !rest.empty() && !session_->exit_status() && idle < 3;) {
      const std::size_t taken = session_->on_data(rest);
      idle = taken == 0 ? idle + 1 : 0;
      rest = rest.subspan(taken);
      settle();
    }
    return heard();
  }
  std::string heard() {
    settle();
    std::string all = to_string(ByteView(heard_));
    heard_.clear();
    return all;
  }
  std::uint32_t end() {
    if (!session_->exit_status()) session_->on_eof();
    return status();
  }
  std::uint32_t status() {
    settle();
    EXPECT_TRUE(session_->exit_status());
    return session_->exit_status().value_or(~0U);
  }
  bool over() const { return session_->exit_status().has_value(); }
  sftp::test::BufferSink& sink() { return sink_; }

 private:
  void settle() {
    do {
      heard_.insert(heard_.end(), sink_.bytes.begin(), sink_.bytes.end());
      sink_.bytes.clear();
      if (!session_->exit_status()) session_->resume();
    } while (!session_->exit_status() && (session_->busy() || !sink_.bytes.empty()));
    heard_.insert(heard_.end(), sink_.bytes.begin(), sink_.bytes.end());
    sink_.bytes.clear();
  }

  sftp::test::BufferSink sink_;
  std::unique_ptr<Session> session_;
  Bytes heard_;
};

inline const std::string kOk{'\0'};

}  // namespace bulkhead::scp::test
