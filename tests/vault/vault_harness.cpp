#include "vault_harness.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "crypto/totp.h"
#include "processes/content/granted_keys.h"
#include "processes/content/stored_content.h"
#include "processes/vault/deployment.h"
#include "processes/vault/system_key.h"
#include "store/blob_reader.h"

namespace bulkhead::vault {
namespace {

constexpr std::string_view kClientVersion = "SSH-2.0-Test_1";

}  // namespace

Result<const crypto::AeadKey*> AskedKeys::get(std::uint64_t extent) {
  channel::Request request;
  auto* grant = request.mutable_grant_extents();
  grant->set_handle(handle_);
  grant->set_first(static_cast<std::uint32_t>(extent));
  grant->set_count(1);
  grant->set_for_writing(writing_);
  const auto received = harness_.ask(channel_, std::move(request));
  if (!received) return fail(ErrorCode::kDisconnected, "ended");
  if (received->reply.code() != 0) return fail(ErrorCode::kRefused, received->reply.message());
  std::ranges::copy(as_bytes(received->reply.granted_extents().key(0)),
                    key_.mutable_view().begin());
  return &key_;
}

VaultHarness::VaultHarness(processes::KeeperSource keeper) : open_keeper_(std::move(keeper)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "bulkhead-vault-XXXXXX").string();
  BH_ASSERT(::mkdtemp(pattern.data()) != nullptr);
  folder = pattern;
  create();
  open();
}

VaultHarness::~VaultHarness() {
  close();
  std::filesystem::remove_all(folder);
}

void VaultHarness::create() {
  processes::CreateOptions options;
  options.folder = folder + "/deployment";
  options.root_key_file = folder + "/root.key";
  options.organisation = "main";
  const Status created = processes::create_deployment(options, processes::local_keeper(true));
  ASSERT_TRUE(created) << created.error().message;
}

void VaultHarness::open() {
  const std::string data = folder + "/deployment";
  journal_ = journal::Journal::open(real_disk(), data + "/journal").value();
  keeper_ = open_keeper_(folder + "/root.key").value();
  keys_ = processes::open_system_key(*journal_, *keeper_, data + "/system-key-entry").value();
  names_.emplace(keys_->system_key, crypto::system_random());
  catalogue_ = open_sqlite_catalogue(data + "/catalogue.sqlite").value();
  ASSERT_LE(catalogue_->applied(), journal_->durable_size());
  ASSERT_TRUE(
      journal_->for_each(catalogue_->applied(), [this](const journal::EntryView& view) -> Status {
        journal::Entry entry;
        entry.ParseFromArray(view.entry.data(), static_cast<int>(view.entry.size()));
        return catalogue_->apply(view.index, entry, view.payload);
      }));
  ASSERT_TRUE(
      processes::settle_system_key(*journal_, *keeper_, *catalogue_, data + "/system-key-entry"));
  blobs_ =
      store::BlobDirectory::open(real_disk(), data + "/blobs", crypto::system_random()).value();
  committer_ = journal::Committer::start(*journal_, clock).value();
  workers_ = WorkerPool::start(2, 16).value();
  vault_ = std::make_unique<Vault>(
      Vault::Parts{configuration, clock, crypto::system_random(), *keeper_, *journal_, *committer_,
                   *catalogue_, *blobs_, *names_, *keys_, *workers_, *this, *this,
                   [this]() -> Result<DiskSpace> { return DiskSpace{1ULL << 41, free_bytes}; }});
  administration_ = std::make_unique<Administration>(
      *vault_, Administration::Surroundings{true, data + "/journal"});
  ASSERT_TRUE(vault_->start(0));
  pump();
}

void VaultHarness::close() {
  administration_.reset();
  workers_.reset();
  committer_.reset();
  vault_.reset();
  catalogue_.reset();
  journal_.reset();
}

void VaultHarness::restart() {
  close();
  ended_.clear();
  received_.clear();
  open();
}

void VaultHarness::pump() {
  for (int idle = 0; idle < 3;) {
    committer_->urge(journal::Urgency::kDurable);
    committer_->kick();
    const bool busy = committer_->under_way() != 0 || journal_->durable_size() < journal_->size();
    vault_->durable();
    workers_->drain();
    idle = busy ? 0 : idle + 1;
    if (busy) std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
}

void VaultHarness::send(ChannelId channel, channel::Reply reply,
                        std::vector<UniqueFd> descriptors) {
  received_[channel].push_back(
      {std::move(reply), std::move(descriptors), journal_->durable_size()});
}

void VaultHarness::kill(std::vector<ChannelId> channels, std::function<void(std::uint32_t)> done) {
  for (const ChannelId channel : channels) {
    killed.push_back(channel);
    vault_->channel_ended(channel, "killed");
    ended_[channel] = true;
  }
  done(static_cast<std::uint32_t>(channels.size()));
}

ChannelId VaultHarness::connect(ProcessKind kind) {
  const ChannelId channel{next_channel_++};
  vault_->channel_opened(channel, kind);
  vault_->channel_assigned(channel, "203.0.113.7",
                           kind == ProcessKind::kHttpsSession ? "https" : "sftp");
  pump();
  return channel;
}

ChannelId VaultHarness::start_analyst_channel(ProcessKind kind) {
  const ChannelId channel{next_channel_++};
  vault_->channel_opened(channel, kind);
  return channel;
}

std::optional<Received> VaultHarness::ask(ChannelId channel, channel::Request request) {
  request.set_id(next_request_++);
  received_[channel].clear();
  vault_->request(channel, channel::encode(request).value());
  // A password is hashed on another thread: wait for its answer too.
  for (int i = 0; i < 4000 && received_[channel].empty() && !ended(channel); ++i) {
    pump();
    if (received_[channel].empty() && !ended(channel))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (received_[channel].empty()) return std::nullopt;
  EXPECT_EQ(received_[channel].front().reply.id(), request.id());
  return std::move(received_[channel].front());
}

std::optional<Received> VaultHarness::ask_quickly(ChannelId channel, channel::Request request) {
  request.set_id(next_request_++);
  received_[channel].clear();
  vault_->request(channel, channel::encode(request).value());
  while (received_[channel].empty() && !ended(channel)) {
    committer_->kick();
    vault_->durable();
  }
  if (received_[channel].empty()) return std::nullopt;
  return std::move(received_[channel].front());
}

std::optional<Received> VaultHarness::answer_to(ChannelId channel) {
  if (received_[channel].empty()) return std::nullopt;
  return std::move(received_[channel].front());
}

channel::Request VaultHarness::exchange_request(ChannelId channel) {
  channel::Request greet;
  greet.mutable_ssh_greet();
  const auto greeting = ask(channel, std::move(greet));
  BH_ASSERT(greeting && greeting->reply.code() == 0);
  channel::Request exchange;
  auto* fields = exchange.mutable_ssh_exchange();
  fields->set_kex_algorithm("curve25519-sha256");
  fields->set_host_key_algorithm("ssh-ed25519");
  fields->set_client_version(std::string(kClientVersion));
  fields->set_client_kexinit(greeting->reply.ssh_greeting().server_kexinit());
  fields->set_client_public(std::string(32, 'c'));
  fields->set_server_public(std::string(32, 's'));
  fields->set_shared_secret(std::string(32, static_cast<char>('A' + channel.value % 26)));
  fields->mutable_client_to_server()->set_cipher("aes256-gcm@openssh.com");
  fields->mutable_server_to_client()->set_cipher("aes256-gcm@openssh.com");
  return exchange;
}

ChannelId VaultHarness::connect_and_exchange() {
  const ChannelId channel = connect();
  const auto answer = ask(channel, exchange_request(channel));
  BH_ASSERT(answer && answer->reply.code() == 0);
  session_ids_[channel] = to_bytes(as_bytes(answer->reply.ssh_signed_exchange().exchange_hash()));
  return channel;
}

channel::Request VaultHarness::authenticate_request(const std::string& user,
                                                    const crypto::Ed25519KeyPair& key,
                                                    ByteView session_id) const {
  const Bytes blob = sshwire::ed25519_key_blob(key.public_key);
  const Bytes data =
      sshwire::userauth_signed_data(session_id, user, "ssh-connection", "ssh-ed25519", blob);
  channel::Request request;
  auto* authenticate = request.mutable_ssh_authenticate();
  authenticate->set_user_name(user);
  authenticate->set_service_name("ssh-connection");
  auto* method = authenticate->mutable_public_key();
  method->set_algorithm("ssh-ed25519");
  method->set_blob(to_string(ByteView(blob)));
  method->set_has_signature(true);
  method->set_signature(to_string(ByteView(sshwire::ed25519_signature_blob(key.sign(data)))));
  return request;
}

ChannelId VaultHarness::log_in(const std::string& user, const crypto::Ed25519KeyPair& key) {
  const ChannelId channel = connect_and_exchange();
  const auto answer = ask(channel, authenticate_request(user, key, session_id(channel)));
  EXPECT_TRUE(answer &&
              answer->reply.ssh_authentication().outcome() == channel::SshAuthentication::SUCCESS);
  return channel;
}

channel::Path VaultHarness::path(const std::vector<std::string>& components) {
  channel::Path path;
  for (const std::string& component : components)
    path.add_component(component);
  return path;
}

std::string VaultHarness::upload(ChannelId channel, const std::vector<std::string>& components,
                                 ByteView contents) {
  channel::Request open;
  *open.mutable_open_file()->mutable_path() = path(components);
  open.mutable_open_file()->set_write(true);
  open.mutable_open_file()->set_create(true);
  open.mutable_open_file()->set_truncate(true);
  auto opened = ask(channel, std::move(open));
  if (!opened) return "ended";
  if (opened->reply.code() != 0) return opened->reply.message();
  const auto handle = opened->reply.opened_file().handle();
  AskedKeys keys(*this, channel, handle, true);
  auto content =
      processes::opened_content(opened->reply.opened_file(), std::move(opened->descriptors))
          .value();
  store::FinishedVersion finished;
  {
    auto writer =
        store::BlobWriter::create(content.lineage, content.staging, keys, crypto::system_random())
            .value();
    content.staging.file.reset();
    if (const Status written = writer.write(0, contents); !written) return written.error().message;
    finished = writer.finish().value();
  }
  channel::Request commit;
  auto* message = commit.mutable_commit_upload();
  message->set_handle(handle);
  message->set_size(finished.description.size);
  message->set_description(to_string(ByteView(finished.description.serialise())));
  message->set_inline_box(to_string(ByteView(finished.inline_box)));
  const auto committed = ask(channel, std::move(commit));
  if (!committed) return "ended";
  return committed->reply.code() == 0 ? "" : committed->reply.message();
}

Result<Bytes> VaultHarness::download(ChannelId channel,
                                     const std::vector<std::string>& components) {
  channel::Request open;
  *open.mutable_open_file()->mutable_path() = path(components);
  open.mutable_open_file()->set_read(true);
  auto opened = ask(channel, std::move(open));
  if (!opened) return fail(ErrorCode::kDisconnected, "ended");
  if (opened->reply.code() != 0) {
    return fail(channel::error_code_from_wire(opened->reply.code()), opened->reply.message());
  }
  AskedKeys keys(*this, channel, opened->reply.opened_file().handle(), false);
  BH_TRY(auto content,
         processes::opened_content(opened->reply.opened_file(), std::move(opened->descriptors)));
  BH_TRY(auto reader, store::BlobReader::open(std::move(*content.base), keys));
  Bytes bytes(reader.size());
  BH_TRY(const std::size_t got, reader.read(0, bytes));
  bytes.resize(got);
  return bytes;
}

std::vector<admin::Reply> VaultHarness::administer(admin::Request request) {
  std::vector<admin::Reply> replies;
  bool last = false;
  administration_->request(request, [&](admin::Reply reply, std::vector<UniqueFd>) {
    last = !reply.more();
    replies.push_back(std::move(reply));
  });
  for (int i = 0; i < 4000 && !last; ++i) {
    pump();
    if (!last) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(last);
  return replies;
}

crypto::Ed25519KeyPair VaultHarness::add_user(const std::string& name,
                                              const std::string& organisation) {
  auto key = crypto::Ed25519KeyPair::generate(crypto::system_random());
  admin::Request request;
  request.mutable_add_user()->set_name(name);
  request.mutable_add_user()->set_organisation(organisation);
  request.mutable_add_user()->add_public_key(
      to_string(ByteView(sshwire::ed25519_key_blob(key.public_key))));
  const auto replies = administer(std::move(request));
  EXPECT_EQ(replies.back().code(), 0u) << replies.back().message();
  return key;
}

crypto::Ed25519KeyPair VaultHarness::add_user_with_factors(
    const std::string& name, const std::string& password, std::string_view totp_secret,
    const std::vector<std::string>& methods) {
  auto key = crypto::Ed25519KeyPair::generate(crypto::system_random());
  admin::Request request;
  auto* user = request.mutable_add_user();
  user->set_name(name);
  user->add_public_key(to_string(ByteView(sshwire::ed25519_key_blob(key.public_key))));
  user->set_has_password(!password.empty());
  user->set_password(password);
  user->set_totp_secret(std::string(totp_secret));
  for (const std::string& sequence : methods)
    user->add_login_methods(sequence);
  const auto replies = administer(std::move(request));
  EXPECT_EQ(replies.back().code(), 0u) << replies.back().message();
  return key;
}

channel::Request VaultHarness::keyboard_request(const std::string& user) {
  channel::Request request;
  request.mutable_ssh_authenticate()->set_user_name(user);
  request.mutable_ssh_authenticate()->set_service_name("ssh-connection");
  request.mutable_ssh_authenticate()->mutable_keyboard_interactive();
  return request;
}

channel::Request VaultHarness::response_request(const std::string& user,
                                                const std::vector<std::string>& responses) {
  channel::Request request;
  request.mutable_ssh_authenticate()->set_user_name(user);
  request.mutable_ssh_authenticate()->set_service_name("ssh-connection");
  auto* out = request.mutable_ssh_authenticate()->mutable_prompt_responses();
  for (const std::string& response : responses)
    out->add_response(response);
  return request;
}

channel::Request VaultHarness::password_request(const std::string& user,
                                                const std::string& password) {
  channel::Request request;
  request.mutable_ssh_authenticate()->set_user_name(user);
  request.mutable_ssh_authenticate()->set_service_name("ssh-connection");
  request.mutable_ssh_authenticate()->set_password(password);
  return request;
}

std::uint64_t VaultHarness::totp_step() const {
  return crypto::totp_step(clock.now() / kMicrosPerSecond);
}

std::vector<journal::Entry> VaultHarness::journal_entries() {
  pump();
  std::vector<journal::Entry> entries;
  EXPECT_TRUE(journal_->for_each(0, [&](const journal::EntryView& view) -> Status {
    entries.emplace_back().ParseFromArray(view.entry.data(), static_cast<int>(view.entry.size()));
    return {};
  }));
  return entries;
}

std::uint64_t VaultHarness::count(journal::Entry::EventCase event) {
  const auto entries = journal_entries();
  return static_cast<std::uint64_t>(std::ranges::count_if(
      entries, [&](const journal::Entry& entry) { return entry.event_case() == event; }));
}

}  // namespace bulkhead::vault
