// bulkhead-supervisor running over stand-ins, in a folder of its own, seen from the outside.
#pragma once

#include <sys/types.h>

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"

namespace bulkhead::supervisor {

class RunningSupervisor {
 public:
  struct Setup {
    std::vector<std::string> options;  // after --data and --sftp
    std::string address = "127.0.0.1:0";
    std::string libexec = STAND_INS;
    std::vector<std::string> files;  // made in the data folder before the start
  };
  RunningSupervisor() : RunningSupervisor(Setup()) {}
  explicit RunningSupervisor(const Setup& setup);
  ~RunningSupervisor();  // SIGKILL, if it still runs

  // "ready sftp=…", or empty where it ended without it.
  const std::string& ready_line() const { return ready_line_; }
  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  pid_t child(const std::string& name) const;  // -1: no such child

  void signal(int number);
  // "exit 0"; fails the test after 20 s.
  std::string wait();
  std::string stderr_text() const;

  // To and from the fake vault. wait_for() returns the first line not yet taken that starts with
  // `start`, and takes it; empty after the time.
  void tell_vault(const std::string& words);
  std::string wait_for(const std::string& start, int most_ms = 10'000);
  std::size_t count(const std::string& start);  // of those that came and were not taken

 private:
  bool read_vault(int most_ms);

  std::string folder_;
  pid_t pid_ = -1;
  std::optional<int> status_;
  UniqueFd listening_;  // for the fake vault
  UniqueFd vault_;
  std::string ready_line_;
  std::uint16_t port_ = 0;
  std::deque<std::string> lines_;
};

// A client of the echo edge.
class EchoClient {
 public:
  explicit EchoClient(std::uint16_t port, const char* from = "127.0.0.1");
  // The edge's first words; false when it was disconnected before.
  bool greeted();
  pid_t edge_pid() const { return edge_pid_; }
  std::uint64_t channel() const { return channel_; }

  void send(const std::string& text);
  // What came within 10 s; empty: disconnected (or nothing came).
  std::string receive();

 private:
  UniqueFd socket_;
  pid_t edge_pid_ = -1;
  std::uint64_t channel_ = 0;
};

}  // namespace bulkhead::supervisor
