#include "drill/stage/honest_web_client.h"

#include <fmt/format.h>

#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

using Words = std::vector<std::string>;

// Each of its requests by itself, on the one connection.
Words curl_command(const Person& person, const std::string& server, const std::string& certificate,
                   const std::string& path, const std::string& downloaded) {
  // What the taken edge speaks of TLS.
  const Words always = {"-sS",
                        "--ipv4",
                        "--cacert",
                        certificate,
                        "--tls13-ciphers",
                        "TLS_AES_256_GCM_SHA384",
                        "--curves",
                        "X25519",
                        "-w",
                        "%{http_code}\\n"};
  Words command = {"curl", "-q"};
  const auto add = [&](const Words& words) {
    command.insert(command.end(), words.begin(), words.end());
  };
  add(always);
  add({"-o", "/dev/null", "--data-urlencode", "user=" + person.name, "--data-urlencode",
       "password=" + person.password, server + "/api/v1/session", "--next"});
  add(always);
  add({"-o", downloaded, server + "/api/v1/files" + path, "--next"});
  add(always);
  add({"-N", server + "/healthz", "--next"});  // has what was said so far reach us
  add(always);
  add({"-T", "-", fmt::format("{}/api/v1/files/home/{}/endless", server, person.name)});
  return command;
}

}  // namespace

HonestWebClient::HonestWebClient(Stage& stage, const Person& person, const std::string& path)
    : stage_(stage),
      relay_(stage, Door::kWeb),
      downloaded_(stage.path("fetched-by-" + person.name)) {
  const std::string certificate = stage.path("certificate");
  write_whole_file(certificate, run_to_end({stage.command(), "certificate", "show", "--pem",
                                            "--data", stage.data()},
                                           stage.path("certificate-log")));
  const std::string server = fmt::format("https://localhost:{}", relay_.port());
  curl_ = std::make_unique<Child>(curl_command(person, server, certificate, path, downloaded_),
                                  stage.path("curl-log"));
  std::string said;
  for (int i = 0; i < 3; ++i)
    said += curl_->line();
  if (!said.starts_with("200\n200\n{"))
    throw Interrupted(fmt::format("curl did not log in and fetch a file (is it installed?): {}{}",
                                  said, read_whole_file(stage.path("curl-log"))));
}

std::string HonestWebClient::fetched() const {
  return read_whole_file(downloaded_);
}

}  // namespace bulkhead::drill
