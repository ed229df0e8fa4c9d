#include "software_token.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bulkhead::keeper {
namespace {

void run(const std::string& command) {
  BH_ASSERT(std::system((command + " >/dev/null 2>&1").c_str()) == 0);
}

}  // namespace

const char* SoftwareToken::module() {
  return "/usr/lib/softhsm/libsofthsm2.so";
}

bool SoftwareToken::is_there() {
  return ::access(module(), R_OK) == 0 && ::access("/usr/bin/pkcs11-tool", X_OK) == 0 &&
         ::access("/usr/bin/softhsm2-util", X_OK) == 0;
}

SoftwareToken::SoftwareToken(const std::string& label) : label_(label) {
  std::string pattern = (std::filesystem::temp_directory_path() / "bulkhead-token-XXXXXX").string();
  BH_ASSERT(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  std::filesystem::create_directory(folder_ + "/tokens");
  std::ofstream(folder_ + "/softhsm2.conf")
      << "directories.tokendir = " << folder_ << "/tokens\nlog.level = ERROR\n";
  run(fmt::format("{} softhsm2-util --init-token --free --label {} --pin {} --so-pin 1234567890",
                  environment(), label, pin()));
}

SoftwareToken::~SoftwareToken() {
  std::filesystem::remove_all(folder_);
}

std::string SoftwareToken::environment() const {
  return "SOFTHSM2_CONF=" + folder_ + "/softhsm2.conf";
}

void SoftwareToken::tool(const std::string& arguments) const {
  run(fmt::format("{} pkcs11-tool --module {} --login --pin {} {}", environment(), module(), pin(),
                  arguments));
}

void SoftwareToken::make_key(const std::string& label, const std::string& more) const {
  tool(fmt::format("--keypairgen --usage-decrypt --label {} {}", label, more));
}

void SoftwareToken::remove_key(const std::string& label) const {
  tool("--delete-object --type privkey --label " + label);
}

SealFields SoftwareToken::wishes(const std::string& key) const {
  return {{"module", module()},
          {"environment", environment()},
          {"key", fmt::format("pkcs11:token={};object={}", label_, key)}};
}

}  // namespace bulkhead::keeper
