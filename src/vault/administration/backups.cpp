// backup: the command copies ciphertext itself; the vault says from where on, and removes nothing
// meanwhile.
#include <fmt/format.h>

#include "proto/journal.pb.h"
#include "vault/administration/administration.h"

namespace bulkhead::vault {
namespace {
// The command asks again much more often than that; one that died holds up the removal no longer.
constexpr std::int64_t kHoldMs = 5 * 60'000;
}  // namespace

Status Administration::hold_contents(const admin::Request& request, const Send& send) {
  vault_.hold_contents(kHoldMs);
  if (!request.hold_contents().again()) return make_checkpoint(request, send);
  send({}, {});
  return {};
}

Status Administration::finish_backup(const admin::Request& request, const Send& send) {
  const auto& finished = request.finish_backup();
  vault_.hold_contents(0);
  journal::Entry entry;
  auto* made = entry.mutable_backup_made();
  made->set_entries(finished.entries());
  made->set_blobs(finished.blobs());
  made->set_bytes(finished.bytes());
  vault_.record({}, std::move(entry));
  send_when_durable({}, send);
  return {};
}

void Administration::add_backup_status(admin::DeploymentStatus& status, UnixMicros backed_up_at) {
  status.set_backed_up_us(backed_up_at);
  const std::uint64_t patience_hours = vault_.parts().configuration.backup.remind_hours;
  if (patience_hours == 0) return;
  if (backed_up_at == 0) {
    status.add_warning("there is no backup: make one with bulkhead backup DEST");
    return;
  }
  const auto hours = static_cast<std::uint64_t>(vault_.parts().clock.now() - backed_up_at) /
                     (std::uint64_t{kMicrosPerSecond} * 3600);
  if (hours >= patience_hours)
    status.add_warning(
        fmt::format("the last backup is {} hours old: make one with bulkhead backup DEST", hours));
}

}  // namespace bulkhead::vault
