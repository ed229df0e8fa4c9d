// The authentication layer (RFC 4252). Decides nothing: it reads requests, asks Authority, and
// tells the client.
#pragma once

#include <string>
#include <vector>

#include "ssh/authority.h"
#include "ssh/disconnect.h"
#include "ssh/options.h"
#include "ssh/transport.h"

namespace bulkhead::ssh {

class Login {
 public:
  Login(Authority& authority, Transport& transport, const Options& options)
      : authority_(authority), transport_(transport), options_(options) {}

  Step on_service_request(const Packet& packet);
  Step on_request(const Packet& packet);
  Step on_info_response(const Packet& packet);
  bool done() const { return done_; }

 private:
  StepResult<AuthRequest> read_request(const Packet& packet);
  Step check_request(const AuthRequest& request);
  Step ask(const AuthRequest& request);
  Step tell(const AuthRequest& request, const AuthAnswer& answer);
  Step send_prompts(const AuthAnswer& answer);
  Step send_banner();

  Authority& authority_;
  Transport& transport_;
  const Options& options_;
  bool service_accepted_ = false;
  bool banner_sent_ = false;
  bool done_ = false;
  bool prompts_open_ = false;  // SSH_MSG_USERAUTH_INFO_REQUEST was sent and not answered
  std::uint32_t requests_ = 0;
  std::string user_;  // of the first request: it may not change
};

}  // namespace bulkhead::ssh
