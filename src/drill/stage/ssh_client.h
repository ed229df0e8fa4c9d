// A client of the attacker's own, for the shipped edge: it says what no stock client can be made to
// say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drill/stage/stage.h"
#include "drill/wire/ssh.h"

namespace bulkhead::drill {

class SshClient {
 public:
  // Connected, keys exchanged. Throws Interrupted where that does not work.
  explicit SshClient(Stage& stage);
  ~SshClient();
  SshClient(const SshClient&) = delete;
  SshClient& operator=(const SshClient&) = delete;

  const std::string& session_id() const { return session_id_; }

  // True when that was a log-in (RFC 4252). An empty signature asks whether the key would do.
  bool offer_key(std::string_view user, std::string_view blob, std::string_view signature);
  bool offer_password(std::string_view user, std::string_view password);
  bool offer_nothing(std::string_view user);
  // Without a log-in, as well: starts SFTP, lists what is below the folder and fetches it.
  void walk(const std::string& folder);

 private:
  std::optional<std::string> receive();  // past what needs no answer
  bool authenticate(const std::string& request);
  bool start_sftp();
  // The reply of that type; nothing: another one, or none.
  std::optional<std::string> sftp(std::uint8_t type, const std::string& operands,
                                  std::uint8_t wanted);
  std::vector<std::string> list(const std::string& folder);
  bool fetch(const std::string& path);

  Stage& stage_;
  int socket_;
  std::uint64_t stream_;
  SshTransport ssh_;
  std::string session_id_;
  std::string pending_;
  std::uint32_t server_channel_ = 0;
  std::uint32_t next_id_ = 1;
  bool sftp_runs_ = false;
};

}  // namespace bulkhead::drill
