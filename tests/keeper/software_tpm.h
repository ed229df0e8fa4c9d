// swtpm on a UNIX socket, what a machine does to its TPM, and somebody on the bus to it.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <string>
#include <thread>

#include "base/bytes.h"
#include "base/fd.h"

namespace bulkhead::keeper {

class SoftwareTpm {
 public:
  // False: swtpm is not installed.
  static bool is_there();
  SoftwareTpm();
  ~SoftwareTpm();

  const std::string& path() const { return path_; }
  // Raw commands of TPM 2.0 part 3, authorised by an empty password; the response code.
  std::uint32_t extend_pcr(std::uint32_t pcr);
  std::uint32_t clear();
  void kill();
  pid_t pid() const { return pid_; }

 private:
  std::uint32_t run(std::uint32_t command, std::uint32_t handle, ByteView parameters);

  std::string folder_;
  std::string path_;
  pid_t pid_ = -1;
};

// Sits between one client and the TPM, keeps all that passes, and may change responses.
class BusTap {
 public:
  explicit BusTap(const SoftwareTpm& tpm, bool changes_pcrs = false);
  ~BusTap();
  const std::string& path() const { return path_; }
  bool saw(ByteView bytes);
  std::size_t seen_bytes();

 private:
  void serve();
  void pass(int client, int tpm);

  std::string tpm_path_;
  std::string path_;
  bool changes_pcrs_;
  UniqueFd listener_;
  std::mutex mutex_;
  Bytes seen_;
  std::thread thread_;
};

}  // namespace bulkhead::keeper
