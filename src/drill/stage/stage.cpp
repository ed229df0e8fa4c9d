#include "drill/stage/stage.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kRootKeySetting = "root_key_file";

// What a drill needs otherwise than an operator may have it. All attackers come from one address,
// which is what these settings slow down; and the attacker's own SSH has no post-quantum exchange.
struct Replaced {
  std::string_view section;
  std::string_view setting;
  std::string_view where;  // only if it has this in it
  std::string_view value;
};
constexpr Replaced kReplaced[] = {
    {"[penalties]", "exempt", "", "\"127.0.0.0/8\""},
    {"[limits]", "connections_per_address", "", "256"},
    {"[listen]", "sftp_profile", "post-quantum", "\"modern\""},
};

// Everything else as the operator has it, but for the root key, which is never theirs.
std::string adapted(const std::string& configuration, const std::string& root_key) {
  std::istringstream lines(configuration);
  std::string text;
  std::string section;
  bool found = false;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t word = line.find_first_not_of(" \t");
    const std::string setting = word == std::string::npos ? "" : line.substr(word);
    if (setting.starts_with("[")) section = setting;
    if (setting.starts_with(kRootKeySetting)) {
      line = fmt::format("{} = \"{}\"", kRootKeySetting, root_key);
      found = true;
    }
    for (const Replaced& each : kReplaced) {
      const std::string_view after =
          std::string_view(setting).substr(std::min(setting.size(), each.setting.size()));
      const bool is_it = section.starts_with(each.section) && setting.starts_with(each.setting) &&
                         (after.starts_with(" ") || after.starts_with("="));
      if (is_it && setting.find(each.where) != std::string::npos)
        line = fmt::format("{} = {}", each.setting, each.value);
    }
    text += line + "\n";
  }
  if (!found) text += fmt::format("\n[keys]\n{} = \"{}\"\n", kRootKeySetting, root_key);
  return text;
}

// "ready sftp=127.0.0.1:2022 https=127.0.0.1:8443"
std::uint16_t port_in(const std::string& ready, const std::string& listener) {
  const std::string before = " " + listener + "=127.0.0.1:";
  const std::size_t at = ready.find(before);
  if (at == std::string::npos) throw Interrupted("the throw-away server has not every listener");
  return static_cast<std::uint16_t>(std::stoi(ready.substr(at + before.size())));
}

}  // namespace

std::int64_t now_us() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000} + now.tv_nsec / 1000;
}

std::string read_whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Interrupted(fmt::format("{} cannot be read", path));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_whole_file(const std::string& path, const std::string& contents) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << contents;
  if (!file.flush()) throw Interrupted(fmt::format("{} cannot be written", path));
}

Stage::Stage(const Installation& installation, const std::string& configuration)
    : installation_(installation), configuration_(configuration) {
  std::string pattern = installation.folder + "/XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr)
    throw Interrupted(fmt::format("no folder can be made in {}", installation.folder));
  folder_ = pattern;
  try {
    make_deployment();
  } catch (...) {
    fs::remove_all(folder_);
    throw;
  }
}

void Stage::make_deployment() {
  run_to_end({command(), "init", data(), "--incident-key-out", path("incident-key"),
              "--root-key-out", root_key(), "--organisation", "alder-clinic"},
             path("init-log"));
  use_folder("data", root_key());
  if (!installation_.weakness.empty())
    write_whole_file(data() + "/weakness", installation_.weakness);
}

void Stage::use_folder(const std::string& folder, const std::string& root_key) {
  data_name_ = folder;
  write_whole_file(data() + "/bulkhead.toml", adapted(configuration_, root_key));
}

Stage::~Stage() {
  administration_.reset();
  if (server_) {
    server_->stop();
    server_->wait();
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Stage::start(Front front) {
  const bool installed = front == Front::kShipped && installation_.weakness.empty();
  std::vector<std::string> line = {
      installed ? installation_.programs + "/bulkhead-supervisor" : installation_.supervisor,
      "--data", data(), "--sftp", "127.0.0.1:0"};
  if (!installed) line.insert(line.end(), {"--libexec", installation_.programs});
  if (front == Front::kTaken)
    line.insert(line.end(), {"--edge", installation_.edge, "--web-edge", installation_.edge,
                             "--https", "127.0.0.1:0"});
  server_ = std::make_unique<Child>(line, log());
  server_->close_input();
  const std::string ready = server_->line();
  if (!ready.starts_with("ready sftp=127.0.0.1:")) {
    server_.reset();
    throw Interrupted(
        fmt::format("the throw-away server did not start: {}", read_whole_file(log())));
  }
  port_ = port_in(ready, "sftp");
  web_port_ = front == Front::kTaken ? port_in(ready, "https") : std::uint16_t{0};
  administration_ = std::make_unique<Administration>(data());
}

void Stage::stop() {
  administration_.reset();
  server_->stop();
  if (const int status = server_->wait(); status != 0)
    throw Interrupted(fmt::format("the throw-away server ended with {}", status));
  server_.reset();
}

void Stage::add_organisation(const std::string& name) {
  admin::Request request;
  request.mutable_add_organisation()->set_name(name);
  administration_->ask(request);
}

void Stage::add_person(const Person& person) {
  admin::Request request;
  admin::AddUser& user = *request.mutable_add_user();
  user.set_name(person.name);
  user.set_organisation(person.organisation);
  user.set_role(person.role);
  user.add_public_key(person.key.ssh_blob());
  user.set_has_password(!person.password.empty());
  user.set_password(person.password);
  user.set_totp_secret(person.totp_secret);
  for (const std::string& methods : person.login_methods)
    user.add_login_methods(methods);
  administration_->ask(request);
}

void Stage::add_folder(const std::string& path, const std::string& member,
                       const std::string& rights) {
  admin::Request request;
  request.mutable_add_folder()->set_path(path);
  admin::Member& added = *request.mutable_add_folder()->add_member();
  added.set_user(member);
  added.set_rights(rights);
  administration_->ask(request);
}

void Stage::grant(const std::string& path, const std::string& member, const std::string& rights) {
  admin::Request request;
  request.mutable_set_rights()->set_path(path);
  admin::Member& changed = *request.mutable_set_rights()->add_member();
  changed.set_user(member);
  changed.set_rights(rights);
  administration_->ask(request);
}

admin::Budget Stage::budget_of(const std::string& name) {
  admin::Request request;
  request.mutable_show_user()->set_name(name);
  return administration_->ask(request).back().user().budget();
}

std::optional<double> Stage::seconds_to_breaker(std::int64_t since_us) {
  const auto trips = administration_->journal("breaker_tripped");
  if (trips.empty()) return std::nullopt;
  return static_cast<double>(trips.front().at_us - since_us) / 1e6;
}

std::size_t Stage::killed_by_sandbox() const {
  const std::string text = read_whole_file(log());
  std::size_t count = 0;
  for (std::size_t at = text.find("SIGSYS"); at != std::string::npos;
       at = text.find("SIGSYS", at + 1))
    ++count;
  return count;
}

}  // namespace bulkhead::drill
