// A connection without TLS and without a vault, over the files in memory that the SFTP server is
// tested with.
#pragma once

#include <map>
#include <string>

#include "../sftp/memory_file_system.h"
#include "https/connection.h"

namespace bulkhead::https::test {

class TestAuthority final : public Authority {
 public:
  explicit TestAuthority(sftp::FileSystem& files) : files_(files) {}
  Result<Outcome> log_in(const LogInSecrets& secrets) override {
    ++asked;
    if (refuses) return fail(*refuses);
    if (secrets.user == "otto" && as_text(secrets.password.view()) == "secret")
      return secrets.code.empty() ? Outcome::kPartial : Outcome::kSuccess;
    return secrets.user == "anna" && as_text(secrets.password.view()) == "p&ss w%rd"
               ? Outcome::kSuccess
               : Outcome::kFailure;
  }
  sftp::FileSystem& files() override { return files_; }

  int asked = 0;
  std::optional<Error> refuses;

 private:
  sftp::FileSystem& files_;
};

class Harness {
 public:
  explicit Harness(const ConnectionSettings& settings = {})
      : files({.home = *sftp::Path::from_components({"home", "anna"}),
               .max_file_bytes = 1 << 20,
               .max_nodes = 500,
               .clock = &clock}),
        authority(files),
        connection(authority, clock, settings) {}

  // All that is answered to these bytes, given in pieces of so many: pumped as the session's loop
  // does, which waits for the network when nothing was taken and nothing is to be said.
  std::string say(std::string_view bytes, std::size_t portion = SIZE_MAX) {
    std::string heard;
    ByteView rest = as_bytes(bytes);
    while (true) {
      const ByteView now = rest.first(std::min(portion, rest.size()));
      const std::size_t taken = connection.consume(now);
      BH_ASSERT(taken <= now.size());
      rest = rest.subspan(taken);
      const std::string said = drain();
      heard += said;
      if (taken == 0 && said.empty()) return heard;
    }
  }
  std::string drain() {
    std::string heard;
    for (int turns = 0; turns < 10'000; ++turns) {
      const ByteView output = connection.output();
      heard += as_text(output);
      connection.output_sent(output.size());
      if (!connection.busy()) return heard;
      connection.take_turn();
    }
    BH_ASSERT(false);
  }
  void log_in() {
    (void)say(
        "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\nContent-Length: 32\r\n\r\n"
        "user=anna&password=p%26ss+w%25rd");
    BH_ASSERT(connection.logged_in());
  }

  ManualClock clock{1'790'000'000LL * kMicrosPerSecond};
  sftp::test::MemoryFileSystem files;
  TestAuthority authority;
  Connection connection;
};

inline int status_of(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::atoi(answer.c_str() + 9) : 0;
}
inline std::string field_of(const std::string& answer, const std::string& name) {
  const auto at = answer.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const auto from = at + name.size() + 4;
  return answer.substr(from, answer.find("\r\n", from) - from);
}
inline std::string content_of(const std::string& answer) {
  const auto at = answer.find("\r\n\r\n");
  return at == std::string::npos ? "" : answer.substr(at + 4);
}

}  // namespace bulkhead::https::test
