// The supervisor itself, which is trusted: it starts vault and keeper, and runs as the user who may
// read the data folder and the root key. Nothing is to stop this one; the drill prints what it is.
#include "drill/drills/drill.h"

namespace bulkhead::drill {

void supervisor(Scene& scene, Report& report) {
  scene.set_up();
  scene.stage.stop();
  scene.attack();
  // It needs no bug in the vault: it starts one over the same folder and key, and administers it.
  if (const std::string refused = open_as_own(scene, "data", scene.stage.root_key());
      !refused.empty())
    report.besides = refused;
  report.seconds_to_breaker = scene.stage.seconds_to_breaker(scene.began_us);
  report.stopped_by =
      "nothing: whoever has the supervisor has the server's user, and with a root key in a plain "
      "file "
      "everything up to the budget of the accounts that they make. With a root key under a "
      "passphrase "
      "it takes until the next unseal";
}

}  // namespace bulkhead::drill
