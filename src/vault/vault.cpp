#include "vault/vault.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "channel/codec.h"
#include "proto/journal.pb.h"
#include "vault/dispatch.h"
#include "vault/limits.h"

namespace bulkhead::vault {
namespace {
constexpr std::int64_t kCleaningIntervalMs = 10 * 60'000;
constexpr std::size_t kGarbageLookUpsPerTick = 2000;
constexpr std::uint64_t kEntriesWrittenDownAtOnce = 5000;
}  // namespace

Vault::Vault(const Parts& parts)
    : parts_(parts), guard_(parts.configuration, parts.clock, parts.catalogue) {}

Status Vault::start(std::uint64_t torn_bytes_dropped,
                    std::optional<std::uint64_t> restored_entries) {
  if (restored_entries) record_restored(*restored_entries);
  BH_TRY(containment_, parts_.catalogue.containment());
  if (containment_.deployment && !containment_.keep_receiving) parts_.keeper.forget();
  BH_CHECK(load_organisation_keys());
  BH_CHECK(load_host_keys());
  BH_CHECK(load_tls_identity());
  journal::Entry entry;
  entry.mutable_vault_started()->set_release(BULKHEAD_RELEASE);
  entry.mutable_vault_started()->set_torn_bytes_dropped(torn_bytes_dropped);
  record({}, std::move(entry));
  BH_CHECK(queue_versions_in_parts());
  started_ = true;
  if (fault_) return fail(*fault_);
  return {};
}

// --- Channels ------------------------------------------------------------

Session* Vault::live(ChannelId id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() || found->second.phase == Phase::kEnded ? nullptr
                                                                          : &found->second;
}

std::uint64_t Vault::live_sessions() const {
  return static_cast<std::uint64_t>(std::ranges::count_if(sessions_, [](const auto& item) {
    const Session& each = item.second;
    return serves_client(each.kind) && each.phase != Phase::kWaiting && each.phase != Phase::kEnded;
  }));
}

void Vault::channel_opened(ChannelId channel, ProcessKind kind) {
  Session fresh;
  fresh.id = channel;
  fresh.kind = kind;
  if (kind == ProcessKind::kAnalyst) fresh.phase = Phase::kAnalyst;
  if (kind == ProcessKind::kCompactor) fresh.phase = Phase::kCompactor;
  sessions_.insert_or_assign(channel, std::move(fresh));
}

void Vault::channel_assigned(ChannelId channel, std::string peer_address, std::string listener) {
  Session* assigned = live(channel);
  if (assigned == nullptr || assigned->phase != Phase::kWaiting) return;
  assigned->phase = Phase::kConnected;
  assigned->assigned_at_ms = parts_.clock.monotonic_ms();
  assigned->peer_address = std::move(peer_address);
  assigned->listener = std::move(listener);
  journal::Entry entry;
  auto* opened = entry.mutable_session_opened();
  parts_.names.seal(Field::kPeerAddress, assigned->peer_address, opened->mutable_peer_address());
  opened->mutable_peer_address()->set_hash(
      to_string(ByteView(parts_.names.network_hash(assigned->peer_address))));
  opened->set_listener(assigned->listener);
  opened->set_kind(assigned->kind == ProcessKind::kSftpSession ? "sftp-session" : "https-session");
  record(channel, std::move(entry));
}

void Vault::channel_ended(ChannelId channel, std::string_view how) {
  const auto found = sessions_.find(channel);
  if (found == sessions_.end()) return;
  // An analyst that did its work makes room for the next at once; one that ended without waits for
  // the tick.
  const bool worked = found->second.kind == ProcessKind::kAnalyst && found->second.worked;
  end_session(found->second, how);
  sessions_.erase(channel);
  if (worked) start_analysts();
}

void Vault::end_session(Session& session, std::string_view how) {
  if (session.phase == Phase::kEnded) return;
  const bool had_client = serves_client(session.kind) && session.phase != Phase::kWaiting;
  using enum Processes::Offence;
  const bool logged_in = session.phase == Phase::kLoggedIn;
  session.phase = Phase::kEnded;
  if (had_client && (session.misbehaved || !logged_in)) {
    parts_.processes.peer_offended(session.peer_address, session.misbehaved           ? kCrash
                                                         : session.login_failures > 0 ? kFailedLogin
                                                                                      : kNoLogin);
  }
  for (auto& [id, handle] : session.handles)
    release_handle(session, handle);
  session.handles.clear();
  guard_.forget(session.id);
  if (session.kind == ProcessKind::kAnalyst) {
    if (analysts_ > 0) --analysts_;
    for (auto at = being_analysed_.begin(); at != being_analysed_.end();) {
      if (at->second != session.id) {
        ++at;
        continue;
      }
      const VersionId version = at->first;
      at = being_analysed_.erase(at);
      analysis_failed(version, how);
    }
  }
  if (session.kind == ProcessKind::kCompactor) compactor_ended(session, how);
  if (had_client) {
    journal::Entry entry;
    entry.mutable_session_ended()->set_how(std::string(how));
    record(session.id, std::move(entry));
  }
}

void Vault::channel_misbehaved(ChannelId channel, std::string_view how) {
  Session* misbehaving = live(channel);
  if (misbehaving == nullptr) return;
  misbehaves(*misbehaving, "transport", Error(ErrorCode::kMalformed, std::string(how)));
}

void Vault::misbehaves(Session& session, std::string_view message_name, const Error& error) {
  refuse(session, message_name, error);
  session.misbehaved = true;
  end_session(session, "ended by the vault");
  parts_.outbox.end(session.id);
}

void Vault::refuse(Session& session, std::string_view message_name, const Error& error) {
  ++session.refusals;
  if (session.refusals > kMaxRefusalsPerChannel) return;
  journal::Entry entry;
  entry.mutable_request_refused()->set_request(std::string(message_name));
  entry.mutable_request_refused()->set_reason(error.message);
  record(session.id, std::move(entry));
}

// --- Requests ------------------------------------------------------------

void Vault::request(ChannelId id, ByteView datagram) {
  Session* from = live(id);
  if (from == nullptr || from->busy) return;
  const auto decoded = channel::decode_request(datagram);
  if (!decoded) return channel_misbehaved(id, decoded.error().message);
  const channel::Request& request = *decoded;
  if (const Status valid = channel::validate(request); !valid)
    return channel_misbehaved(id, valid.error().message);
  const DispatchTable::Row* row = DispatchTable::find(request.body_case());
  if (row == nullptr) return channel_misbehaved(id, "a message that is not known");
  if ((row->phases & static_cast<std::uint32_t>(from->phase)) == 0 ||
      row->only_from.value_or(from->kind) != from->kind) {
    return misbehaves(*from, row->name,
                      Error(ErrorCode::kNotAuthenticated, "not allowed at this point"));
  }
  from->busy = true;
  from->asking = row->name;
  Outcome outcome = (this->*row->handler)(*from, request);
  if (outcome) finish(id, request.id(), std::move(*outcome));
}

namespace {

// What is worth an entry: somebody was told no. That a file does not exist is not.
bool is_refusal(ErrorCode code) {
  return code == ErrorCode::kPermissionDenied || code == ErrorCode::kRefused ||
         code == ErrorCode::kNotAuthenticated || code == ErrorCode::kLimitExceeded ||
         code == ErrorCode::kInvalidArgument;
}

}  // namespace

void Vault::finish(ChannelId id, std::uint64_t request_id, Result<Answer> result) {
  Session* to = live(id);
  if (to == nullptr) return;
  Answer answer;
  if (result) {
    answer = std::move(*result);
  } else {
    answer.reply = channel::error_reply(request_id, result.error());
    if (is_refusal(result.error().code)) refuse(*to, to->asking, result.error());
  }
  answer.reply.set_id(request_id);
  answer.reply.set_descriptors(static_cast<std::uint32_t>(answer.descriptors.size()));
  if (to->refusals > kMaxRefusalsPerChannel) {
    end_session(*to, "ended by the vault: refused too often");
    return parts_.outbox.end(id);
  }
  const std::uint64_t after = answer.after_entries;
  if (answer.written_suffices) {
    if (after > parts_.journal.written_size()) parts_.committer.urge(journal::Urgency::kWritten);
    kept_written_.emplace(after, Kept{id, request_id, std::move(answer)});
  } else {
    if (after > parts_.journal.durable_size()) parts_.committer.urge(journal::Urgency::kDurable);
    kept_.emplace(after, Kept{id, request_id, std::move(answer)});
  }
  send_what_is_durable();
}

void Vault::send_kept(std::multimap<std::uint64_t, Kept>& kept, std::uint64_t entries) {
  while (!kept.empty() && kept.begin()->first <= entries) {
    Kept next = std::move(kept.begin()->second);
    kept.erase(kept.begin());
    Session* to = live(next.channel);
    if (to == nullptr) continue;
    to->busy = false;
    parts_.outbox.send(next.channel, std::move(next.answer.reply),
                       std::move(next.answer.descriptors));
  }
}

void Vault::send_what_is_durable() {
  const std::uint64_t durable_entries = parts_.journal.durable_size();
  send_kept(kept_, durable_entries);
  send_kept(kept_written_, parts_.journal.written_size());
  while (!continuations_.empty() && continuations_.begin()->first <= durable_entries) {
    auto then = std::move(continuations_.begin()->second);
    continuations_.erase(continuations_.begin());
    then();
  }
}

// --- The journal ------------------------------------------------------------

std::uint64_t Vault::record(ChannelId channel, journal::Entry entry, ByteView payload) {
  if (fault_) return UINT64_MAX;  // never durable: what waits for it is never sent
  entry.set_format(1);
  entry.set_at_us(parts_.clock.now());
  entry.set_channel(channel.value);
  std::string bytes;
  entry.SerializeToString(&bytes);
  // Applied first where that can be: what the catalogue does not take must not get into the
  // journal, from which the catalogue is rebuilt. Where the payload will lie is only known once it
  // is appended.
  const std::uint64_t index = parts_.journal.size();
  const auto apply = [&](std::optional<journal::PayloadPosition> position) {
    const Status applied = parts_.catalogue.apply(index, entry, position);
    if (!applied) fault_ = applied.error().within("the catalogue does not take an entry of ours");
    return applied.has_value();
  };
  if (payload.empty() && !apply(std::nullopt)) return UINT64_MAX;
  const auto appended = parts_.journal.append(as_bytes(bytes), payload);
  if (!appended) {
    fault_ = appended.error().within("writing the journal");
    return UINT64_MAX;
  }
  BH_ASSERT(appended->index == index);
  if (!payload.empty() && !apply(appended->payload)) return UINT64_MAX;
  parts_.committer.submit({.blobs = {},
                           .append = [] { return Status(); },
                           .done =
                               [this](Status done) {
                                 if (!done && !fault_)
                                   fault_ = done.error().within("writing the journal");
                               },
                           .urgency = journal::Urgency::kSoon});
  return appended->index + 1;
}

void Vault::when_durable(std::uint64_t entries, std::function<void()> then,
                         journal::Urgency urgency) {
  parts_.committer.urge(urgency);  // also of a checkpoint that comes with no entry
  continuations_.emplace(entries, std::move(then));
}

void Vault::durable() {
  parts_.committer.drain();
  send_what_is_durable();
  if (catalogue_due_ ||
      parts_.catalogue.applied() >= catalogue_written_ + kEntriesWrittenDownAtOnce)
    write_catalogue_down();
}

// With nothing under way the catalogue holds durable entries only, and may write them down. After a
// crash it is made anew from the journal, so nothing hangs on when: this bounds its transaction.
void Vault::write_catalogue_down() {
  const std::uint64_t applied = parts_.catalogue.applied();
  if (fault_ || applied == catalogue_written_) return;
  // What is under way may be entries that nobody waits for, again and again.
  catalogue_due_ = parts_.journal.durable_size() != applied;
  if (catalogue_due_) return parts_.committer.urge(journal::Urgency::kDurable);
  if (const Status written = parts_.catalogue.checkpoint(); !written) fault_ = written.error();
  catalogue_written_ = applied;
}

void Vault::checkpoint_when_due() {
  const auto newest = parts_.journal.newest_checkpoint();
  const std::uint64_t covered = newest ? newest->size : 0;
  if (parts_.journal.size() < covered + parts_.configuration.journal.checkpoint_entries) return;
  const std::string note = journal::sign_checkpoint(parts_.keys.origin, parts_.journal.head(),
                                                    parts_.keys.checkpoint_key);
  if (const Status added = parts_.journal.add_checkpoint(note); !added) fault_ = added.error();
}

void Vault::tick() {
  if (const auto failed = parts_.committer.failed_later())
    log_error("contents that a folder with durability = crash had taken could not be synced",
              {{"error", failed->message}});
  checkpoint_when_due();
  write_catalogue_down();
  end_slow_logins();
  start_analysts();
  start_compaction();
  make_blobs_ahead();
  rewrap_some_file_keys();
  const std::int64_t now_ms = parts_.clock.monotonic_ms();
  if (now_ms - last_cleaning_ms_ > kCleaningIntervalMs) {
    last_cleaning_ms_ = now_ms;
    remove_old_parts();
    look_for_garbage();
  }
  remove_some_garbage();
}

// Blobs that nothing refers to any more: of files that were removed or replaced. The folder is
// listed on a worker, what is in it is looked up a little at a time.
void Vault::look_for_garbage() {
  if (!maybe_garbage_.empty()) return;
  auto found = std::make_shared<std::vector<store::BlobId>>();
  (void)parts_.workers.submit(
      [found, blobs = &parts_.blobs] {
        if (auto listed = blobs->list()) *found = std::move(*listed);
      },
      [this, found] { maybe_garbage_ = std::move(*found); });
}

void Vault::remove_some_garbage() {
  if (contents_are_held()) return;
  // What an analyst or a compactor is writing has no entry yet.
  const auto being_written = [this](const store::BlobId& blob) {
    if (compaction_ && equal(compaction_->target, blob)) return true;
    return std::ranges::any_of(sessions_, [&](const auto& item) {
      return std::ranges::any_of(item.second.handles, [&](const auto& open) {
        const auto* file = std::get_if<FileHandle>(&open.second);
        return file != nullptr &&
               (equal(file->findings_blob, blob) || equal(file->staging_blob, blob));
      });
    });
  };
  for (std::size_t i = 0; i < kGarbageLookUpsPerTick && !maybe_garbage_.empty(); ++i) {
    const store::BlobId blob = maybe_garbage_.back();
    maybe_garbage_.pop_back();
    const auto referenced = parts_.catalogue.blob_is_referenced(blob);
    // With entries under way a blob may be unreferenced only because its removal is not durable
    // yet: next time.
    const bool settled = parts_.journal.durable_size() == parts_.journal.size();
    // It may have come back since the folder was listed.
    const bool ready = parts_.blobs.is_kept_ready(blob);
    if (referenced && !*referenced && settled && !ready && !being_written(blob))
      (void)parts_.blobs.remove(blob);
  }
}

// On a worker: making names durable takes syncs that no client should wait for.
void Vault::make_blobs_ahead() {
  if (parts_.blobs.ready() >= kReadyBlobs / 2) return;
  (void)parts_.workers.submit([blobs = &parts_.blobs] { (void)blobs->refill(kReadyBlobs); }, [] {});
}

void Vault::remove_old_parts() {
  const auto uploads = parts_.catalogue.uploads();
  if (!uploads) return;
  const UnixMicros oldest =
      parts_.clock.now() - static_cast<UnixMicros>(parts_.configuration.storage.keep_parts_hours) *
                               3600 * kMicrosPerSecond;
  for (const UploadRow& upload : *uploads) {
    if (upload.touched_at >= oldest || live(upload.channel) != nullptr) continue;
    journal::Entry entry;
    entry.mutable_upload_abandoned()->set_upload(upload.id.value);
    const std::uint64_t entries = record({}, std::move(entry));
    remove_blob_after(entries, upload.staging_blob);
  }
}

Status Vault::stop() {
  started_ = false;
  for (auto& [id, each] : sessions_)
    end_session(each, "the server stopped");
  journal::Entry entry;
  entry.mutable_vault_stopped();
  record({}, std::move(entry));
  BH_CHECK(parts_.committer.flush());
  const std::string note = journal::sign_checkpoint(parts_.keys.origin, parts_.journal.head(),
                                                    parts_.keys.checkpoint_key);
  BH_CHECK(parts_.journal.add_checkpoint(note));
  parts_.committer.kick();
  BH_CHECK(parts_.committer.flush());
  durable();
  if (fault_) return fail(*fault_);
  return {};
}

// --- Handles ------------------------------------------------------------

FileHandle* Vault::file_handle(Session& session, std::uint64_t id) {
  const auto found = session.handles.find(id);
  return found == session.handles.end() ? nullptr : std::get_if<FileHandle>(&found->second);
}

DirectoryHandle* Vault::directory_handle(Session& session, std::uint64_t id) {
  const auto found = session.handles.find(id);
  return found == session.handles.end() ? nullptr : std::get_if<DirectoryHandle>(&found->second);
}

Result<std::uint64_t> Vault::new_handle(Session& session, Handle handle) {
  if (session.handles.size() >= kMaxHandlesPerChannel) {
    return fail(ErrorCode::kLimitExceeded,
                fmt::format("at most {} files may be open at once", kMaxHandlesPerChannel));
  }
  const std::uint64_t id = session.next_handle++;
  session.handles.emplace(id, std::move(handle));
  return id;
}

void Vault::release_handle(Session& session, Handle& handle) {
  if (auto* file = std::get_if<FileHandle>(&handle);
      file != nullptr && file->upload && !file->finished) {
    // The process ended without a word: what it wrote is kept for the uploader, size unknown.
    journal::Entry entry;
    entry.mutable_upload_parked()->set_upload(file->upload.value);
    record(session.id, std::move(entry));
    file->finished = true;
  }
}

Outcome Vault::on_close_handle(Session& session, const channel::Request& request) {
  const auto found = session.handles.find(request.close_handle().handle());
  if (found == session.handles.end()) return fail(ErrorCode::kInvalidArgument, "no such handle");
  if (auto* file = std::get_if<FileHandle>(&found->second);
      file != nullptr && file->upload && !file->finished) {
    give_up(session, *file);
  }
  session.handles.erase(found);
  return Answer{};
}

void Vault::give_up(Session& session, FileHandle& handle) {
  journal::Entry entry;
  entry.mutable_upload_abandoned()->set_upload(handle.upload.value);
  remove_blob_after(record(session.id, std::move(entry)), handle.staging_blob);
  handle.finished = true;
}

}  // namespace bulkhead::vault
