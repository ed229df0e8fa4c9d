#include "processes/vault/deployment.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <thread>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "crypto/age.h"
#include "crypto/x509.h"
#include "processes/vault/system_key.h"
#include "proto/journal.pb.h"
#include "vault/identity/host_keys.h"
#include "vault/identity/tls_identity.h"
#include "vault/limits.h"

namespace bulkhead::processes {
namespace {

constexpr std::string_view kFormatPrefix = "bulkhead deployment ";
constexpr std::string_view kBackupPrefix = "bulkhead backup ";  // cli/backup_note.h
constexpr int kFormat = 1;
constexpr std::int64_t kLockWaitMs = 3000;
constexpr std::size_t kJournalRoomBytes = 512 << 10;  // a hundred small uploads
constexpr std::chrono::milliseconds kLockPollInterval{5};

std::string serialised(journal::Entry entry, UnixMicros now) {
  entry.set_format(1);
  entry.set_at_us(now);
  return entry.SerializeAsString();
}

// So that HTTPS can be tried at once: a key with a certificate that it signed itself, for this
// machine.
void add_tls_identity(const vault::DeploymentKeys& keys, crypto::Random& random, UnixMicros now,
                      std::vector<std::string>& entries) {
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) == 0 && crypto::check_certificate_names({host}))
    names.insert(names.begin(), host);
  journal::Entry added;
  const crypto::SigningKey key = vault::make_tls_key(keys.system_key, 1, random, added);
  entries.push_back(serialised(std::move(added), now));
  journal::Entry set;
  vault::make_self_signed(key, 1, names, now, set);
  entries.push_back(serialised(std::move(set), now));
}

// The entries that every deployment starts with.
Result<std::vector<std::string>> first_entries(vault::KeyKeeper& keeper, crypto::Random& random,
                                               const CreateOptions& options,
                                               vault::DeploymentKeys* keys_out) {
  const UnixMicros now = system_clock().now();
  std::vector<std::string> entries;
  journal::Entry created;
  BH_TRY(vault::DeploymentKeys keys,
         vault::create_deployment_keys(keeper, random, created.mutable_deployment_created()));
  entries.push_back(serialised(std::move(created), now));
  std::uint64_t host_key = 0;
  for (const crypto::SigningKeyKind kind : options.more_host_keys) {
    journal::Entry entry;
    vault::make_host_key(keys.system_key, crypto::SigningKey::generate(kind), ++host_key, random,
                         *entry.mutable_host_key_added());
    entries.push_back(serialised(std::move(entry), now));
  }
  add_tls_identity(keys, random, now, entries);
  const vault::Names names(keys.system_key, random);

  const vault::OrganisationId organisation{1};
  journal::Entry added;
  auto* first = added.mutable_organisation_added();
  BH_TRY(const Bytes wrapped, keeper.create_organisation_key({organisation, 1}));
  first->set_organisation(organisation.value);
  names.seal(vault::Field::kOrganisationName, options.organisation, first->mutable_name());
  first->mutable_name()->set_hash(
      to_string(ByteView(names.organisation_hash(options.organisation))));
  first->set_wrapped_key(to_string(ByteView(wrapped)));
  first->set_key_epoch(1);
  for (const std::string& recipient : options.incident_recipients)
    first->add_incident_recipient(recipient);
  entries.push_back(serialised(std::move(added), now));

  const auto folder = [&](vault::NodeId node, vault::NodeId parent, std::string_view name) {
    journal::Entry entry;
    auto* made = entry.mutable_folder_made();
    made->set_node(node.value);
    made->set_parent(parent.value);
    names.seal(vault::Field::kNodeName, name, made->mutable_name());
    made->mutable_name()->set_hash(to_string(ByteView(names.node_hash(parent, name))));
    made->set_organisation(organisation.value);
    made->set_permissions(0755);
    entries.push_back(serialised(std::move(entry), now));
  };
  folder(vault::kRootNode, {}, "");
  folder(vault::NodeId{2}, vault::kRootNode, "home");
  *keys_out = std::move(keys);
  return entries;
}

// A command that found no server has a vault of its own for a moment: a server that starts just
// then (a monitor asks for the status once a minute) waits for it, and the other way round. Who
// holds on longer is a second server.
Result<std::unique_ptr<journal::Journal>> open_journal(const std::string& folder) {
  const std::int64_t until_ms = system_clock().monotonic_ms() + kLockWaitMs;
  while (true) {
    auto journal = journal::Journal::open(real_disk(), folder, {.room_bytes = kJournalRoomBytes});
    const bool taken = !journal && journal.error().code == ErrorCode::kConflict;
    if (!taken || system_clock().monotonic_ms() >= until_ms) return journal;
    std::this_thread::sleep_for(kLockPollInterval);
  }
}

Status make_private_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  return fail_errno(fmt::format("making {}", path));
}

}  // namespace

Status create_deployment(const CreateOptions& options, const KeeperSource& source) {
  const DeploymentPaths paths{options.folder};
  std::error_code error;
  if (std::filesystem::exists(paths.folder, error)) {
    if (!std::filesystem::is_empty(paths.folder, error)) {
      return fail(
          ErrorCode::kAlreadyExists,
          fmt::format("{} is not empty: a deployment is made in a new folder", paths.folder));
    }
  } else {
    BH_CHECK(make_private_folder(paths.folder));
  }
  for (const std::string& recipient : options.incident_recipients)
    BH_CHECK(crypto::AgeRecipient::parse(recipient));
  crypto::Random& random = crypto::system_random();
  BH_TRY(const auto keeper, source(options.root_key_file));
  vault::DeploymentKeys keys;
  BH_TRY(const auto entries, first_entries(*keeper, random, options, &keys));
  BH_CHECK(make_private_folder(paths.journal()));
  BH_CHECK(make_private_folder(paths.blobs()));
  const std::string root_key_path =
      std::filesystem::absolute(options.root_key_file).lexically_normal().string();
  BH_CHECK(replace_file(paths.configuration(), as_bytes(documented_configuration(root_key_path))));
  {
    BH_TRY(const auto journal, journal::Journal::open(real_disk(), paths.journal()));
    for (const std::string& entry : entries)
      BH_CHECK(journal->append(as_bytes(entry)));
    BH_CHECK(journal->add_checkpoint(
        journal::sign_checkpoint(keys.origin, journal->head(), keys.checkpoint_key)));
    BH_CHECK(journal->commit());
  }
  // Last: a folder with this file is a deployment.
  return replace_file(paths.format(), as_bytes(fmt::format("{}{}\n", kFormatPrefix, kFormat)));
}

Status Deployment::read_format() const {
  const auto contents = read_file(paths_.format(), 4096);
  if (!contents && contents.error().code == ErrorCode::kPermissionDenied) {
    return fail(
        ErrorCode::kPermissionDenied,
        fmt::format("{} may not be read by this user: run as the one who owns it", paths_.folder));
  }
  if (!contents) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("{} is not a Bulkhead deployment: bulkhead init makes one", paths_.folder));
  }
  const std::string text(as_text(*contents));
  if (text == fmt::format("{}{}\n", kFormatPrefix, kFormat)) return {};
  if (text.starts_with(kBackupPrefix)) {
    return fail(ErrorCode::kRefused,
                fmt::format("{} is a backup: bulkhead restore {} --data NEW_FOLDER makes a "
                            "deployment of it",
                            paths_.folder, paths_.folder));
  }
  if (!text.starts_with(kFormatPrefix)) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} does not say what it is: restore it", paths_.format()));
  }
  return fail(ErrorCode::kNewerFormat,
              fmt::format("{} was written by a newer release: run that one", paths_.folder));
}

// What stands in it only says more; that it is there is what counts.
Status Deployment::read_restored() {
  const auto contents = read_file(paths_.restored(), 4096);
  if (!contents && contents.error().code == ErrorCode::kNotFound) return {};
  if (!contents) return fail(contents.error());
  const std::string_view text = as_text(*contents);
  std::uint64_t entries = 0;
  std::from_chars(text.data(), text.data() + text.size(), entries);
  restored_entries_ = entries;
  return {};
}

Status Deployment::forget_restored() {
  if (::unlink(paths_.restored().c_str()) != 0) return fail_errno("removing the file \"restored\"");
  return sync_directory(paths_.folder);
}

Status Deployment::check_witnesses() const {
  for (const std::string& text : configuration_.journal.witnesses) {
    const auto key = journal::parse_witness_key(text);
    if (key) continue;
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: journal.witnesses: {}", paths_.configuration(), key.error().message));
  }
  return {};
}

Status Deployment::open_keys(const KeeperSource& keeper) {
  BH_TRY(keeper_, keeper(configuration_.keys.root_key_file));
  BH_TRY(keys_, open_system_key(*journal_, *keeper_, paths_.system_key_hint()));
  names_.emplace(keys_->system_key, crypto::system_random());
  return {};
}

// The catalogue catches up with the journal. It is only ever written down when the journal is on
// disk as far: one that is ahead has seen entries that are gone, and what they recorded must not be
// forgotten unseen.
Status Deployment::refuse_shorter_journal(std::uint64_t seen) const {
  if (seen <= journal_->durable_size()) return {};
  return fail(
      ErrorCode::kCorrupt,
      fmt::format(
          "the journal has {} entries, the catalogue has seen {}: entries are missing; restore {}, "
          "or remove {} if an older journal was restored on purpose",
          journal_->durable_size(), seen, paths_.journal(), paths_.catalogue()));
}

Status Deployment::replay() {
  const std::uint64_t from = catalogue_->applied();
  BH_CHECK(journal_->for_each(from, [this](const journal::EntryView& view) -> Status {
    journal::Entry entry;
    if (!entry.ParseFromArray(view.entry.data(), static_cast<int>(view.entry.size()))) {
      return fail(ErrorCode::kCorrupt, fmt::format("journal entry {} is not readable", view.index));
    }
    return catalogue_->apply(view.index, entry, view.payload);
  }));
  BH_CHECK(settle_system_key(*journal_, *keeper_, *catalogue_, paths_.system_key_hint()));
  return catalogue_->checkpoint();
}

Status Deployment::open_catalogue() {
  seal_.emplace(keys_->system_key, paths_.catalogue());
  BH_TRY(const bool sealed, seal_->take());
  std::uint64_t seen_before = 0;
  if (!sealed) {
    // How far it had come is still asked: a journal that is shorter has lost entries.
    if (auto untrusted = vault::open_sqlite_catalogue(paths_.catalogue()))
      seen_before = (*untrusted)->applied();
    log_info("the catalogue was not closed by a vault: it is made anew from the journal");
    BH_CHECK(refuse_shorter_journal(seen_before));
    BH_CHECK(seal_->remove_catalogue());
  }
  BH_TRY(catalogue_, vault::open_sqlite_catalogue(paths_.catalogue()));
  BH_CHECK(refuse_shorter_journal(catalogue_->applied()));
  return replay();
}

Deployment::~Deployment() = default;

Status Deployment::close() {
  committer_.reset();
  BH_CHECK(catalogue_->checkpoint());
  catalogue_.reset();
  return seal_->put();
}

Result<std::unique_ptr<Deployment>> Deployment::open(const std::string& folder,
                                                     const KeeperSource& keeper) {
  std::unique_ptr<Deployment> deployment(new Deployment);
  deployment->paths_.folder = folder;
  const DeploymentPaths& paths = deployment->paths_;
  BH_CHECK(deployment->read_format());
  BH_TRY(deployment->configuration_, read_configuration(paths.configuration()));
  BH_CHECK(deployment->check_witnesses());
  BH_CHECK(deployment->read_restored());
  BH_TRY(deployment->journal_, open_journal(paths.journal()));
  if (deployment->journal_->size() == 0) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} is empty: restore it from a backup", paths.journal()));
  }
  BH_CHECK(deployment->open_keys(keeper));
  BH_CHECK(deployment->open_catalogue());
  BH_TRY(deployment->blobs_,
         store::BlobDirectory::open(real_disk(), paths.blobs(), crypto::system_random()));
  BH_TRY(deployment->committer_, journal::Committer::start(*deployment->journal_));
  return deployment;
}

Status Deployment::remove_orphans() {
  BH_TRY(const auto blobs, blobs_->list());
  std::uint64_t removed = 0;
  for (const store::BlobId& blob : blobs) {
    BH_TRY(const bool referenced, catalogue_->blob_is_referenced(blob));
    if (referenced) continue;
    BH_CHECK(blobs_->remove(blob));
    ++removed;
  }
  if (removed != 0) log_info("removed blobs that nothing refers to", {{"blobs", removed}});
  return blobs_->refill(vault::kReadyBlobs);
}

vault::Vault::Parts Deployment::parts(vault::WorkerPool& workers, vault::Outbox& outbox,
                                      vault::Processes& processes) {
  // Every upload asks, twice; the reserve is much more than a disk takes in between.
  constexpr std::int64_t kAskedAgainAfterMs = 20;
  const auto disk_space = [folder = paths_.folder, known = vault::DiskSpace{},
                           asked_ms = std::int64_t{-1}]() mutable -> Result<vault::DiskSpace> {
    const std::int64_t now_ms = system_clock().monotonic_ms();
    if (asked_ms >= 0 && now_ms - asked_ms < kAskedAgainAfterMs) return known;
    struct statvfs space{};
    if (::statvfs(folder.c_str(), &space) != 0) return fail_errno("asking for free disk space");
    known = {std::uint64_t{space.f_blocks} * space.f_frsize,
             std::uint64_t{space.f_bavail} * space.f_frsize};
    asked_ms = now_ms;
    return known;
  };
  return {configuration_, system_clock(), crypto::system_random(),
          *keeper_,       *journal_,      *committer_,
          *catalogue_,    *blobs_,        *names_,
          *keys_,         workers,        outbox,
          processes,      disk_space};
}

}  // namespace bulkhead::processes
