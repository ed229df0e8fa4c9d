// MOVEit Transfer's SFTP, June 2024 (CVE-2024-5806): the client's "public key" could be the path of
// a file on the server, into which the attacker had their own key written; and an empty key made a
// check fail in a way that nobody looked at. Here: a taken edge gives such keys to the vault.
#include <fmt/format.h>

#include "drill/drills/drill.h"
#include "drill/stage/files.h"
#include "drill/stage/login.h"
#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

std::string empty_key() {
  std::string blob;
  put_string(blob, "ssh-ed25519");
  put_string(blob, "");
  return blob;
}

}  // namespace

void moveit_2024_sftp(Scene& scene, Report& report) {
  scene.set_up();
  const PrivateKey own = PrivateKey::ed25519();
  // The log into which the attacker has their key written, by asking for something with it.
  const std::string poisoned = scene.stage.path("poisoned.log");
  write_whole_file(poisoned, own.ssh_blob());
  const std::vector<std::string> blobs = {poisoned,
                                          "file://" + poisoned,
                                          "../poisoned.log",
                                          "\\\\attacker\\share\\key",
                                          std::string(1, '\0'),
                                          std::string(),
                                          empty_key(),
                                          own.ssh_blob()};
  std::uint64_t refused = 0;
  for (const std::string& blob : blobs) {
    TakenEdge edge(scene.stage);
    const auto exchanged = exchange_keys(edge);
    if (!exchanged) throw Interrupted("the vault does not exchange keys");
    const std::string request = signed_request(exchanged->session_id, scene.basil.name, blob);
    if (!succeeded(offer_key(edge, scene.basil.name, blob, own.ssh_signature(request)))) ++refused;
    // As if the check had not failed.
    walk(edge, "/home/" + scene.basil.name);
  }
  report.seconds_to_breaker = scene.stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "the vault: a key is compared byte for byte with those enrolled and is never a name of one; "
      "after a failed check nothing is allowed ({} of {} refused)",
      refused, blobs.size());
}

}  // namespace bulkhead::drill
