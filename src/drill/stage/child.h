// A program that a drill started: it ends with the drill, whatever happens.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace bulkhead::drill {

class Child {
 public:
  // What it says on stdout can be read from output(); stderr goes to the file `log`. With `input`
  // its standard input can be written to.
  Child(const std::vector<std::string>& command, const std::string& log,
        const std::vector<std::string>& environment = {});
  ~Child();  // SIGKILL, where it still runs
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  int input() const { return input_; }
  void close_input();
  // Up to and with the next line feed; empty at the end.
  std::string line();
  // Everything until its end.
  std::string rest();
  void stop();  // SIGTERM
  int wait();   // the exit status; 128 + N after signal N

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  int status_ = -1;
  bool ended_ = false;
};

// Runs it to its end, and returns what it said on stdout. Throws Interrupted with the end of its
// stderr where the exit status is another one than `code`.
std::string run_to_end(const std::vector<std::string>& command, const std::string& log,
                       int code = 0);

}  // namespace bulkhead::drill
