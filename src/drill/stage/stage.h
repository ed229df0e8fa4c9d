// A throw-away deployment: made from an operator's configuration and the installed programs, in a
// temporary folder, on loopback, with made-up people and files; removed at the end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drill/stage/administration.h"
#include "drill/stage/child.h"
#include "drill/stage/observer.h"
#include "drill/wire/secrets.h"

namespace bulkhead::drill {

// Where the programs are.
struct Installation {
  std::string command;     // bulkhead
  std::string programs;    // the folder of bulkhead-vault, bulkhead-keeper, bulkhead-analyst
  std::string supervisor;  // drill-supervisor
  std::string edge;        // drill-edge, as seen from `programs`
  std::string folder;      // where the throw-away deployments are made, each in one of its own
  // For tests, whose vaults are built with the defences switched off one by one: which. The
  // installed programs know of no such thing.
  std::string weakness;
};

// Who answers the clients.
enum class Front { kTaken, kShipped };
// By which listener somebody comes in.
enum class Door { kSftp, kWeb };

// As the vault knows it: how somebody logs in.
struct Person {
  std::string name;
  std::string organisation;
  PrivateKey key = PrivateKey::ed25519();
  std::string role = "user";
  std::string password;
  std::string totp_secret;
  std::vector<std::string> login_methods;
};

class Stage {
 public:
  // `configuration` is the operator's bulkhead.toml, which is read and nothing else.
  Stage(const Installation& installation, const std::string& configuration);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // From the next start on the deployment is the one in path(folder), with that root key.
  void use_folder(const std::string& folder, const std::string& root_key);
  // Whether the drill is a twin, without that defence.
  bool is_without(std::string_view defence) const { return installation_.weakness == defence; }

  void start(Front front);
  void stop();
  std::uint16_t port(Door door = Door::kSftp) const {
    return door == Door::kWeb ? web_port_ : port_;
  }
  pid_t supervisor() const { return server_ ? server_->pid() : -1; }

  Observer& observer() { return observer_; }
  Administration& administration() { return *administration_; }

  void add_organisation(const std::string& name);
  void add_person(const Person& person);
  void add_folder(const std::string& path, const std::string& member, const std::string& rights);
  void grant(const std::string& path, const std::string& member, const std::string& rights);
  admin::Budget budget_of(const std::string& name);
  // Seconds from `since_us` until the first breaker tripped.
  std::optional<double> seconds_to_breaker(std::int64_t since_us);
  // How many processes the supervisor saw die of a system call that their sandbox forbids.
  std::size_t killed_by_sandbox() const;

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string data() const { return path(data_name_); }
  std::string root_key() const { return path("root-key"); }
  std::string log() const { return path("log"); }
  const Installation& installation() const { return installation_; }
  std::string command() const { return installation_.command; }
  std::uint64_t next_stream() { return ++streams_; }

 private:
  void make_deployment();

  Installation installation_;
  std::string configuration_;
  std::string folder_;
  std::string data_name_ = "data";
  Observer observer_;
  std::unique_ptr<Child> server_;
  std::unique_ptr<Administration> administration_;
  std::uint16_t port_ = 0;
  std::uint16_t web_port_ = 0;  // where the edges are taken ones
  std::uint64_t streams_ = 0;
};

std::int64_t now_us();
std::string read_whole_file(const std::string& path);
void write_whole_file(const std::string& path, const std::string& contents);

}  // namespace bulkhead::drill
