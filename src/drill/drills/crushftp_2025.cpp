// CrushFTP, March 2025 (CVE-2025-31161): a header with a user's name and nothing else was a log-in.
// Here: a taken edge knows names and public keys, which are no secrets, and says that somebody has
// proved themselves.
#include <fmt/format.h>

#include "drill/drills/drill.h"
#include "drill/stage/files.h"
#include "drill/stage/login.h"

namespace bulkhead::drill {

void crushftp_2025(Scene& scene, Report& report) {
  scene.set_up();
  std::uint64_t refused = 0;
  for (const Person* victim : {&scene.amber, &scene.basil}) {
    const std::string blob = victim->key.ssh_blob();
    const std::string home = "/home/" + victim->name;
    for (const std::string& signature :
         {std::string(), std::string(1, '\0'), std::string(83, '\0'),
          PrivateKey::ed25519().ssh_signature("anything"), victim->name}) {
      TakenEdge edge(scene.stage);
      if (!exchange_keys(edge)) throw Interrupted("the vault does not exchange keys");
      if (!succeeded(offer_key(edge, victim->name, blob, signature))) ++refused;
      walk(edge, home);
    }
    for (const std::string& password :
         {std::string(), victim->name, std::string("Credential=") + victim->name + "/"}) {
      TakenEdge edge(scene.stage);
      if (!exchange_keys(edge)) throw Interrupted("the vault does not exchange keys");
      if (!succeeded(offer_password(edge, victim->name, password))) ++refused;
      walk(edge, home);
    }
  }
  report.seconds_to_breaker = scene.stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "the vault: it verifies the signature itself, over a request that it rebuilds ({} of 16 "
      "log-ins by a name alone refused)",
      refused);
}

}  // namespace bulkhead::drill
