// As much of SFTP version 3 (draft-ietf-secsh-filexfer-02) as it takes to fetch a small file with a
// stock client, over the vault.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "drill/wire/bytes.h"
#include "proto/channel.pb.h"

namespace bulkhead::drill {

class SftpHost {
 public:
  void set_home(const channel::Path& home);
  // Bytes of the stream; the replies to the packets that are whole by now, each with its length.
  std::vector<std::string> take(std::string_view bytes);
  // What the client fetched and this process therefore holds.
  const std::string& plaintext() const { return plaintext_; }

 private:
  std::string answer(std::string_view packet);
  std::string open(std::uint32_t id, std::string_view path);
  std::string attributes(std::uint32_t id, std::string_view path);
  std::string read(std::uint32_t id, Reader& request);

  std::string home_ = "/";
  std::string pending_;
  std::string plaintext_;
};

}  // namespace bulkhead::drill
