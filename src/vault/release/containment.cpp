// The kill switch: refuse durably, make the keeper forget, kill, disconnect; in this order.
#include <algorithm>
#include <set>

#include "base/log.h"
#include "proto/journal.pb.h"
#include "vault/catalogue/traffic.h"
#include "vault/vault.h"

namespace bulkhead::vault {
namespace {

template <typename T>
bool contains(const std::vector<T>& list, const T& item) {
  return std::ranges::find(list, item) != list.end();
}

std::unexpected<Error> contained() {
  return fail(ErrorCode::kRefused,
              "access is suspended because of an incident: ask the administrator");
}

}  // namespace

Status Vault::refuse_release_when_contained(const Session& session) const {
  if (containment_.deployment) return contained();
  if (session.kind == ProcessKind::kAnalyst) return {};
  return refuse_login_when_contained(*session.user, session.listener);
}

Status Vault::refuse_upload_when_contained(const Session& session) const {
  if (containment_.deployment && !containment_.keep_receiving) return contained();
  return refuse_login_when_contained(*session.user, session.listener);
}

Status Vault::refuse_login_when_contained(const UserRow& user, const std::string& listener) const {
  if (containment_.deployment && !containment_.keep_receiving) return contained();
  if (contains(containment_.users, user.id) ||
      contains(containment_.organisations, user.organisation) ||
      contains(containment_.listeners, listener)) {
    return contained();
  }
  return {};
}

bool Vault::in_scope(const Session& session, const Principal& scope) {
  switch (scope.scope) {
    case journal::ONE_USER:
      return session.user && session.user->id.value == scope.subject;
    case journal::ONE_ORGANISATION:
      return session.user && session.user->organisation.value == scope.subject;
    case journal::ONE_LISTENER:
      return session.listener == scope.listener;
    default:
      return session.phase != Phase::kWaiting;
  }
}

void Vault::contain(journal::Entry entry, std::function<void(KillFigures)> done) {
  KillFigures figures;
  std::vector<ChannelId> channels;
  const auto scope = principal_of(entry.contained());
  if (!scope) {
    fault_ = scope.error();
    return;
  }
  for (const auto& [id, session] : sessions_) {
    if (session.phase == Phase::kEnded || !in_scope(session, *scope)) continue;
    channels.push_back(id);
    if (session.user) figures.credentials.push_back(session.user_name);
  }
  std::ranges::sort(figures.credentials);
  figures.credentials.erase(std::ranges::unique(figures.credentials).begin(),
                            figures.credentials.end());
  figures.channels_ended = static_cast<std::uint32_t>(channels.size());
  const bool whole = entry.contained().scope() == journal::DEPLOYMENT;
  const bool keep_receiving = entry.contained().keep_receiving();
  entry.mutable_contained()->set_channels_ended(figures.channels_ended);
  std::uint64_t entries = record({}, std::move(entry));
  entries = std::max(entries, disable_passwords(channels, figures));
  // Refused from this moment on in memory, and for ever once the entry is durable.
  if (auto now = parts_.catalogue.containment()) containment_ = std::move(*now);
  when_durable(entries, [this, whole, keep_receiving, channels = std::move(channels),
                         figures = std::move(figures), done = std::move(done)]() mutable {
    if (whole && !keep_receiving) {
      parts_.keeper.forget();
      parts_.processes.accept_clients(false);
    }
    for (const ChannelId channel : channels)
      forget_keys(channel);
    parts_.processes.kill(std::move(channels),
                          [done = std::move(done), figures = std::move(figures)](
                              std::uint32_t) mutable { done(std::move(figures)); });
  });
  log_warning("contained", {{"whole_deployment", whole}, {"keep_receiving", keep_receiving}});
}

void Vault::kill_and_forget(std::vector<ChannelId> channels, std::function<void()> done) {
  for (const ChannelId channel : channels)
    forget_keys(channel);
  parts_.processes.kill(std::move(channels), [done = std::move(done)](std::uint32_t) { done(); });
}

// What a session's process saw of a log-in: of a key only signatures that fit no other session, of
// a second factor codes that were used. A password it can use again, so it is taken from the
// account.
std::uint64_t Vault::disable_passwords(const std::vector<ChannelId>& seen_by,
                                       KillFigures& figures) {
  std::uint64_t entries = 0;
  std::set<std::uint64_t> users;
  for (const ChannelId channel : seen_by) {
    const auto found = sessions_.find(channel);
    if (found == sessions_.end() || !found->second.password_of) continue;
    const UserId user = *found->second.password_of;
    if (!users.insert(user.value).second) continue;
    const auto row = parts_.catalogue.user(user);
    if (!row || !*row) continue;
    journal::Entry changed;
    changed.mutable_user_changed()->set_user(user.value);
    changed.mutable_user_changed()->set_set_password(true);
    entries = record({}, std::move(changed));
    if (auto name = parts_.names.open_box(Field::kUserName, (*row)->name_box))
      figures.passwords.push_back(std::move(*name));
  }
  std::ranges::sort(figures.passwords);
  return entries;
}

// Rights that were taken away and budgets that were spent after the backup are not in it: nobody
// gets anything before an officer looked.
void Vault::record_restored(std::uint64_t entries) {
  journal::Entry restored;
  restored.mutable_deployment_restored()->set_entries(entries);
  record({}, std::move(restored));
  journal::Entry contained;
  contained.mutable_contained()->set_scope(journal::DEPLOYMENT);
  record({}, std::move(contained));
  log_warning("this deployment was restored from a backup: it is contained", {});
}

// Of the files that a channel has open: wiped now, not when its process was seen to have ended.
void Vault::forget_keys(ChannelId channel) {
  const auto found = sessions_.find(channel);
  if (found == sessions_.end()) return;
  for (auto& [id, handle] : found->second.handles) {
    FileHandle* file = std::get_if<FileHandle>(&handle);
    if (file == nullptr) continue;
    file->key = {};
    file->write_key = {};
  }
}

Status Vault::lift(journal::Entry entry) {
  const bool whole = entry.lifted().scope() == journal::DEPLOYMENT;
  record({}, std::move(entry));
  if (fault_) return fail(*fault_);
  BH_TRY(containment_, parts_.catalogue.containment());
  guard_.breakers_changed();
  if (whole) parts_.processes.accept_clients(true);
  return {};
}

void Vault::end_user(UserId user) {
  std::vector<ChannelId> channels;
  for (const auto& [id, session] : sessions_) {
    if (session.user && session.user->id == user && session.phase != Phase::kEnded)
      channels.push_back(id);
  }
  if (!channels.empty()) parts_.processes.kill(std::move(channels), [](std::uint32_t) {});
}

}  // namespace bulkhead::vault
