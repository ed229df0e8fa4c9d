// What the supervisor is told. All of it comes from the command line and DIR/bulkhead.toml, nothing
// from a client.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "supervisor/penalties.h"

namespace bulkhead::supervisor {

// May change while it runs (SIGHUP).
struct Limits {
  std::uint32_t connections = 4096;
  std::uint32_t connections_per_address = 256;  // an IPv6 /64 counts as one address
  std::uint32_t waiting_sessions = 4;           // started ahead of the clients, of each protocol
  PenaltySettings penalties;
  std::uint32_t ipv6_prefix_bits = 64;  // IPv6 addresses that share so many count as one
  std::string never_refused;            // networks, see base/address_list.h
};

enum class Protocol { kSftp, kHttps };  // which program serves its connections

struct ListenerSettings {
  std::string name;     // "sftp": in the ready line, in ChannelAssigned
  std::string address;  // "127.0.0.1:2022", "[::1]:0"
  Protocol protocol = Protocol::kSftp;
};

struct Settings {
  std::string data_folder;
  std::string libexec_folder;  // where the programs of the other processes are
  // In it; others only in other builds.
  std::string edge_program = "bulkhead-sftp-session";
  std::string web_edge_program = "bulkhead-https-session";
  std::vector<std::string> keeper_arguments;  // where its root key is
  std::uint32_t unwraps_per_minute = 0;
  std::vector<ListenerSettings> listeners;
  Limits limits;
  LogFormat log_format = LogFormat::kText;
  std::uint64_t analyst_memory_bytes = 1ULL << 30;
  std::uint32_t stop_grace_ms = 25'000;  // how long the vault may take to end after Stop
  // Reads the limits again, at SIGHUP.
  std::function<Result<Limits>()> reload;
};

}  // namespace bulkhead::supervisor
