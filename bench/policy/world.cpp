#include "world.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "../measure.h"

namespace bulkhead::bench {
namespace {

using vault::ReleaseGuard;

// 2026-01-05, a Monday, midnight.
constexpr UnixMicros kStart = 1'767'571'200LL * kMicrosPerSecond;
constexpr std::uint64_t kExtentBytes = 64ULL << 20;

// Different for different things; nothing here is secret.
std::string bytes_of(std::string_view kind, std::uint64_t number, std::size_t size) {
  std::string bytes = fmt::format("{}{}", kind, number);
  bytes.resize(size, '.');
  return bytes;
}

void seal(std::string_view kind, std::uint64_t number, journal::Sealed* out) {
  out->set_box(fmt::format("{} {}", kind, number));
  out->set_hash(bytes_of(kind, number, 32));
}

const std::string kListener = "sftp";
const std::string kNoName;

}  // namespace

World::World(const std::string& path) : path_(path), clock_(kStart) {
  users_.resize(1);
  sessions_.resize(1);
  open();
  journal::Entry root;
  root.mutable_folder_made()->set_node(1);
  record(0, std::move(root));
}

void World::open() {
  catalogue_ = must(vault::open_sqlite_catalogue(path_));
  guard_ = std::make_unique<ReleaseGuard>(configuration_, clock_, *catalogue_);
}

std::unique_ptr<World> World::fork(const std::string& path) {
  must(catalogue_->checkpoint());
  guard_.reset();
  catalogue_.reset();  // so that the file is whole
  std::filesystem::copy_file(path_, path, std::filesystem::copy_options::overwrite_existing);
  open();
  auto other = std::make_unique<World>(path + ".empty");
  other->path_ = path;
  other->clock_ = clock_;
  other->organisations_ = organisations_;
  other->users_ = users_;
  other->last_node_ = last_node_;
  other->sessions_ = sessions_;
  other->files_ = files_;
  other->open();
  return other;
}

void World::record(std::uint64_t session, journal::Entry entry) {
  entry.set_format(1);
  entry.set_at_us(clock_.now());
  entry.set_channel(session);
  must(catalogue_->apply(catalogue_->applied(), entry, std::nullopt));
}

std::uint64_t World::add_organisation() {
  journal::Entry entry;
  auto& added = *entry.mutable_organisation_added();
  added.set_organisation(++organisations_);
  seal("organisation", organisations_, added.mutable_name());
  added.set_wrapped_key("key");
  added.set_key_epoch(1);
  record(0, std::move(entry));
  return organisations_;
}

std::uint64_t World::add_user(std::uint64_t organisation) {
  const std::uint64_t number = users_.size();
  users_.push_back({.organisation = organisation, .folders = {}});
  journal::Entry entry;
  auto& added = *entry.mutable_user_added();
  added.set_user(number);
  added.set_organisation(organisation);
  seal("user", number, added.mutable_name());
  added.set_home(1);
  record(0, std::move(entry));
  return number;
}

std::uint64_t World::add_folder(std::uint64_t organisation) {
  journal::Entry entry;
  auto& made = *entry.mutable_folder_made();
  made.set_node(++last_node_);
  made.set_parent(1);
  seal("folder", last_node_, made.mutable_name());
  made.set_organisation(organisation);
  record(0, std::move(entry));
  return last_node_;
}

void World::may_read(std::uint64_t user, std::uint64_t folder) {
  users_[user].folders.insert(folder);
  journal::Entry entry;
  entry.mutable_rights_set()->set_node(folder);
  entry.mutable_rights_set()->set_user(user);
  entry.mutable_rights_set()->set_rights(1 | 4);
  record(0, std::move(entry));
}

void World::upload(std::uint64_t user, std::uint64_t folder, std::uint64_t bytes) {
  const std::uint64_t number = ++last_node_;
  journal::Entry start;
  auto& started = *start.mutable_upload_started();
  started.set_upload(number);
  started.set_parent(folder);
  seal("file", number, started.mutable_name());
  started.set_user(user);
  started.set_organisation(users_[user].organisation);
  started.set_lineage(bytes_of("l", number, 16));
  started.set_wrapped_file_key("key");
  started.set_key_epoch(1);
  started.set_staging_blob(bytes_of("b", number, 16));
  record(0, std::move(start));
  journal::Entry commit;
  auto& committed = *commit.mutable_upload_committed();
  committed.set_upload(number);
  committed.set_version(number);
  committed.set_node(number);
  committed.set_size(bytes);
  record(0, std::move(commit));
  files_.push_back({.number = number, .folder = folder, .bytes = bytes, .at = clock_.now()});
}

void World::remove_older_than(UnixMicros at) {
  for (File& file : files_) {
    if (!file.there || file.at >= at) continue;
    file.there = false;
    journal::Entry entry;
    entry.mutable_node_removed()->set_node(file.number);
    record(0, std::move(entry));
  }
}

std::uint64_t World::log_in(std::uint64_t user, std::string network) {
  const std::uint64_t session = sessions_.size();
  sessions_.push_back({.user = user, .read = {}});
  journal::Entry open_entry;
  auto& opened = *open_entry.mutable_session_opened();
  opened.mutable_peer_address()->set_box(network);
  network.resize(32, '.');
  opened.mutable_peer_address()->set_hash(network);
  opened.set_listener(kListener);
  opened.set_kind("sftp-session");
  record(session, std::move(open_entry));
  journal::Entry entry;
  entry.mutable_login_succeeded()->set_user(user);
  entry.mutable_login_succeeded()->set_method("publickey");
  record(session, std::move(entry));
  return session;
}

// As Vault::charge() does.
bool World::may_leave(std::uint64_t session, const ReleaseGuard::Wanted& wanted) {
  const std::uint64_t user = sessions_[session].user;
  auto refusal = must(guard_->judge({.channel = {session},
                                     .user = {user},
                                     .organisation = {users_[user].organisation},
                                     .user_name = kNoName,
                                     .organisation_name = kNoName,
                                     .listener = kListener},
                                    wanted));
  if (!refusal) return true;
  ++refusals_;
  for (const journal::Entry& entry : refusal->entries) {
    record(session, entry);
    if (!entry.has_breaker_tripped()) continue;
    guard_->breakers_changed();
    trips_.push_back({.at = clock_.now(), .event = entry.breaker_tripped()});
  }
  return false;
}

World::Got World::read(std::uint64_t session, const File& file) {
  Got got;
  for (std::uint32_t extent = 0; extent * kExtentBytes < file.bytes; ++extent) {
    const std::uint64_t bytes = std::min(kExtentBytes, file.bytes - extent * kExtentBytes);
    const bool first = !sessions_[session].read.contains(file.number);
    if (!may_leave(session, {.node = {file.number},
                             .version = {file.number},
                             .bytes = bytes,
                             .files = first ? 1U : 0U}))
      return got;
    sessions_[session].read.insert(file.number);
    journal::Entry entry;
    auto& released = *entry.mutable_extents_released();
    released.set_user(sessions_[session].user);
    released.set_version(file.number);
    released.set_lineage(bytes_of("l", file.number, 16));
    released.add_extent(extent);
    released.set_bytes(bytes);
    record(session, std::move(entry));
    got.bytes += bytes;
  }
  got.whole = true;
  return got;
}

std::uint64_t World::names(std::uint64_t folder) const {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      files_, [&](const File& file) { return file.there && file.folder == folder; }));
}

std::uint64_t World::list(std::uint64_t session, std::uint64_t folder) {
  const std::uint64_t count = names(folder);
  if (!may_leave(session, {.node = {folder}, .names = count})) return 0;
  journal::Entry entry;
  auto& released = *entry.mutable_listing_released();
  released.set_node(folder);
  released.set_user(sessions_[session].user);
  released.set_names(count);
  record(session, std::move(entry));
  return count;
}

std::vector<const File*> World::readable(std::uint64_t user) const {
  std::vector<const File*> found;
  for (const File& file : files_) {
    if (file.there && users_[user].folders.contains(file.folder)) found.push_back(&file);
  }
  return found;
}

bool World::stopped(std::uint64_t user) {
  for (const vault::BreakerRow& row : must(catalogue_->breakers())) {
    const bool theirs = row.who.scope == journal::DEPLOYMENT ||
                        row.who.scope == journal::ONE_LISTENER ||
                        (row.who.scope == journal::ONE_USER && row.who.subject == user) ||
                        (row.who.scope == journal::ONE_ORGANISATION &&
                         row.who.subject == users_[user].organisation);
    if (theirs && policy::state_of(row.breaker, clock_.now()) == policy::BreakerState::kOpen)
      return true;
  }
  return false;
}

void World::go_to(UnixMicros at) {
  if (at > clock_.now()) clock_.advance_ms((at - clock_.now()) / 1000);
}

}  // namespace bulkhead::bench
