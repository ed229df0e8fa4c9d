// From the network, against the shipped edge: what the holes of other servers' SFTP and log-in
// took, by a client that says what stock clients cannot.
#include <fmt/format.h>

#include "drill/drills/drill.h"
#include "drill/stage/login.h"
#include "drill/stage/ssh_client.h"
#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

void set_up_shipped(Scene& scene) {
  scene.set_up();
  scene.stage.stop();
  scene.stage.start(Front::kShipped);
  scene.attack();
}

std::string key_of(std::string_view algorithm, std::string_view contents) {
  std::string blob;
  put_string(blob, algorithm);
  put_string(blob, contents);
  return blob;
}

}  // namespace

void network_keys(Scene& scene, Report& report) {
  set_up_shipped(scene);
  const PrivateKey own = PrivateKey::ed25519();
  const std::string poisoned = scene.stage.path("poisoned.log");
  write_whole_file(poisoned, own.ssh_blob());
  const std::vector<std::string> blobs = {poisoned,
                                          "file://" + poisoned,
                                          std::string(),
                                          std::string(4, '\0'),
                                          key_of("ssh-ed25519", ""),
                                          key_of("ssh-ed25519", poisoned),
                                          key_of("ssh-ed25519", std::string(32, '\0')),
                                          own.ssh_blob()};
  std::uint64_t refused = 0;
  for (const std::string& blob : blobs) {
    SshClient client(scene.stage);
    const std::string request = signed_request(client.session_id(), scene.basil.name, blob);
    if (!client.offer_key(scene.basil.name, blob, own.ssh_signature(request))) ++refused;
    client.walk("/home");
  }
  report.seconds_to_breaker = scene.stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "the vault: a key is compared byte for byte with those enrolled, and after a failed check "
      "nothing is allowed ({} of {} refused)",
      refused, blobs.size());
}

void network_names(Scene& scene, Report& report) {
  set_up_shipped(scene);
  Person guest;
  guest.name = "guest";
  guest.organisation = scene.basil.organisation;
  scene.stage.add_person(guest);
  const std::string blob = guest.key.ssh_blob();
  constexpr std::string_view kSeparators[] = {
      std::string_view("\0", 1), "\n", "\r\n", "\x1b[2J", "%00", "\x7f", "/", "\xff\xfe"};
  std::uint64_t refused = 0;
  for (const std::string_view separator : kSeparators) {
    for (const std::string& name : {guest.name + std::string(separator) + scene.basil.name,
                                    scene.basil.name + std::string(separator) + guest.name}) {
      SshClient client(scene.stage);
      const std::string request = signed_request(client.session_id(), name, blob);
      if (!client.offer_key(name, blob, guest.key.ssh_signature(request))) ++refused;
      client.walk("/home/" + scene.basil.name);
    }
  }
  // With their own name, and another's folder behind a NUL, a dot, a control character.
  SshClient client(scene.stage);
  const std::string request = signed_request(client.session_id(), guest.name, blob);
  if (!client.offer_key(guest.name, blob, guest.key.ssh_signature(request)))
    throw Interrupted("the guest cannot log in");
  for (const std::string& folder :
       {std::string("/home/basil"), std::string("/home/guest/../basil"),
        std::string("/home/basil\0/guest", 18), std::string("/home/guest/\r/../../basil"),
        std::string("/home/guest/..%00/basil")})
    client.walk(folder);
  report.seconds_to_breaker = scene.stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "the vault: names have a length and are compared whole, paths are lists of names ({} of {} "
      "disguised log-ins refused)",
      refused, 2 * std::size(kSeparators));
}

void network_name_alone(Scene& scene, Report& report) {
  set_up_shipped(scene);
  std::uint64_t refused = 0;
  const std::string blob = scene.basil.key.ssh_blob();
  const std::string& name = scene.basil.name;
  const auto attempt = [&](auto log_in_with) {
    SshClient client(scene.stage);
    if (!log_in_with(client)) ++refused;
    client.walk("/home/" + name);
  };
  attempt([&](SshClient& client) { return client.offer_nothing(name); });
  attempt([&](SshClient& client) { return client.offer_password(name, ""); });
  attempt([&](SshClient& client) { return client.offer_password(name, name); });
  attempt([&](SshClient& client) { return client.offer_key(name, blob, ""); });
  attempt([&](SshClient& client) { return client.offer_key(name, blob, std::string(83, '\0')); });
  attempt([&](SshClient& client) {
    return client.offer_key(name, blob, PrivateKey::ed25519().ssh_signature("anything"));
  });
  // "The key would do" is not a log-in: twice makes none either.
  attempt([&](SshClient& client) {
    return client.offer_key(name, blob, "") || client.offer_key(name, blob, "");
  });
  report.seconds_to_breaker = scene.stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "the vault: it verifies the signature itself, over a request that it rebuilds ({} of 7 "
      "log-ins "
      "by a name alone refused)",
      refused);
}

}  // namespace bulkhead::drill
