// Joining the parts of versions that were changed in place, or that are mostly garbage. One
// sandboxed process at a time moves ciphertext into a new part; here is decided which version, and
// whether what came out is taken. The contents, the version and its key stay the same.
//
// Old parts go once the entry is durable and nothing refers to them; who has them open reads on. A
// version that an upload builds on keeps its parts until that upload is over.
#include <algorithm>

#include "base/log.h"
#include "proto/journal.pb.h"
#include "vault/files/blob_ids.h"
#include "vault/limits.h"
#include "vault/vault.h"

namespace bulkhead::vault {
namespace {

constexpr std::size_t kMostQueued = 100'000;
constexpr int kLookedAtATime = 50;
constexpr std::int64_t kPauseAfterFailureMs = 60'000;

}  // namespace

void Vault::want_compaction(VersionId version) {
  if (to_compact_.size() < kMostQueued) to_compact_.push_back(version);
}

Status Vault::queue_versions_in_parts() {
  BH_TRY(const auto versions, parts_.catalogue.versions_in_parts(kMostQueued));
  to_compact_.assign(versions.begin(), versions.end());
  return {};
}

// Nothing: it is not to be compacted, or not now (`later`).
Result<std::optional<VersionRow>> Vault::worth_compacting(VersionId id, bool& later) {
  BH_TRY(std::optional<VersionRow> version, parts_.catalogue.version(id));
  if (!version || !version->current || version->parts.empty()) return std::nullopt;
  BH_TRY(const auto description, store::VersionDescription::parse(version->description));
  std::uint64_t stored_bytes = 0;
  for (const Bytes& part : version->parts) {
    BH_TRY(const store::BlobId blob, blob_id(part));
    BH_TRY(const auto file, parts_.blobs.open_for_reading(blob));
    BH_TRY(const std::uint64_t size, file->size());
    stored_bytes += size;
  }
  if (!store::wants_compaction(description, stored_bytes)) return std::nullopt;
  BH_TRY(const bool built_upon, parts_.catalogue.has_upload_on(id));
  BH_TRY(const DiskSpace space, parts_.disk_space());
  later = built_upon || space.free_bytes < reserve_on(space) + stored_bytes;
  if (later) return std::nullopt;
  return version;
}

std::optional<VersionRow> Vault::next_to_compact() {
  for (int i = 0; i < kLookedAtATime && !to_compact_.empty(); ++i) {
    const VersionId id = to_compact_.front();
    bool later = false;
    auto version = worth_compacting(id, later);
    if (version && *version) return std::move(*version);
    to_compact_.pop_front();
    if (!version)
      log_warning("parts of a file cannot be looked at",
                  {{"version", id.value}, {"why", version.error().message}});
    if (later) to_compact_.push_back(id);
  }
  return std::nullopt;
}

void Vault::start_compaction() {
  if (compaction_ || !started_ || fault_ || containment_.deployment || to_compact_.empty()) return;
  if (parts_.clock.monotonic_ms() < compaction_not_before_ms_ || !next_to_compact()) return;
  compaction_ = Compaction();
  parts_.processes.start_compactor();
}

Outcome Vault::on_take_compaction(Session& session, const channel::Request&) {
  if (!compaction_ || compaction_->channel || session.worked)
    return fail(ErrorCode::kInvalidArgument, "one version for one compactor");
  auto version = next_to_compact();
  if (!version) {
    session.worked = true;
    compaction_over();
    return fail(ErrorCode::kNotFound, "nothing is to be compacted any more");
  }
  to_compact_.pop_front();
  FileHandle unused;
  Answer answer;
  if (const Status added = add_base(unused, version->id, false, answer); !added)
    return std::unexpected(added.error());
  channel::Content content = answer.reply.opened_file().base();
  auto* job = answer.reply.mutable_compaction_job();
  *job->mutable_content() = std::move(content);
  auto target = parts_.blobs.take();
  if (!target) return std::unexpected(std::move(target).error());
  auto descriptor = duplicate(*target->file);
  if (!descriptor) return std::unexpected(std::move(descriptor).error());
  answer.descriptors.push_back(std::move(*descriptor));
  job->set_target_blob(to_string(ByteView(target->blob)));
  compaction_ = Compaction{.channel = session.id,
                           .version = version->id,
                           .parts = std::move(version->parts),
                           .size = version->size,
                           .target = to_bytes(target->blob)};
  return answer;
}

namespace {

// The parts of the version that came out. Its description is the compactor's word: whoever reads
// it checks it against what is there.
Result<std::vector<Bytes>> joined_parts(const channel::ReportCompaction& report,
                                        const std::vector<Bytes>& old_parts, ByteView target,
                                        std::uint64_t size) {
  BH_TRY(const auto description, store::VersionDescription::parse(as_bytes(report.description())));
  if (description.kind != store::ContentKind::kMapped || description.size != size ||
      description.parts != report.kept_part_size() + 1 || description.parts > old_parts.size()) {
    return fail(ErrorCode::kInvalidArgument, "the description does not fit what was handed out");
  }
  std::vector<Bytes> parts;
  for (const std::uint32_t kept : report.kept_part()) {
    if (kept >= old_parts.size())
      return fail(ErrorCode::kInvalidArgument, "a part was kept that was not handed out");
    parts.push_back(old_parts[kept]);
  }
  parts.push_back(to_bytes(target));
  return parts;
}

}  // namespace

Outcome Vault::on_report_compaction(Session& session, const channel::Request& request) {
  const channel::ReportCompaction& report = request.report_compaction();
  if (!compaction_ || compaction_->channel != session.id || session.worked)
    return fail(ErrorCode::kInvalidArgument, "no compaction on this channel");
  auto parts = joined_parts(report, compaction_->parts, compaction_->target, compaction_->size);
  if (!parts) return std::unexpected(std::move(parts).error());
  const auto target = blob_id(compaction_->target);
  if (!target) return std::unexpected(target.error());
  auto sealed = parts_.blobs.seal(*target);
  if (!sealed) return std::unexpected(std::move(sealed).error());
  session.worked = true;
  parts_.committer.submit({
      .blobs = {std::move(*sealed)},
      .append = [this, description = report.description(),
                 parts = std::move(*parts)] { return record_compacted(description, parts); },
      .done =
          [this, channel = session.id, id = request.id()](const Status& done) {
            if (compaction_ && compaction_->channel == channel) compaction_over(done.has_value());
            finish(channel, id, done ? Result<Answer>(Answer{}) : std::unexpected(done.error()));
          },
  });
  return std::nullopt;
}

Status Vault::record_compacted(const std::string& description, const std::vector<Bytes>& parts) {
  if (!compaction_) return fail(ErrorCode::kDisconnected, "the compaction was given up");
  const VersionId id = compaction_->version;
  BH_TRY(const auto version, parts_.catalogue.version(id));
  BH_TRY(const bool built_upon, parts_.catalogue.has_upload_on(id));
  if (!version || !version->current || version->parts != compaction_->parts || built_upon) {
    want_compaction(id);  // if it still is there then
    return fail(ErrorCode::kConflict, "the file is being changed");
  }
  journal::Entry entry;
  auto* compacted = entry.mutable_version_compacted();
  compacted->set_version(id.value);
  compacted->set_description(description);
  for (const Bytes& part : parts)
    compacted->add_part(to_string(ByteView(part)));
  record(compaction_->channel, std::move(entry));
  if (fault_) return fail(*fault_);
  return {};
}

// `joined`: the entry is durable. Otherwise what was written of the new part is nobody's.
void Vault::compaction_over(bool joined) {
  if (joined) compaction_failures_ = 0;
  const Compaction over = std::move(*std::exchange(compaction_, std::nullopt));
  std::vector<Bytes> unneeded = joined ? over.parts : std::vector<Bytes>{over.target};
  for (const Bytes& part : unneeded) {
    const auto blob = blob_id(part);
    const auto referenced = parts_.catalogue.blob_is_referenced(part);
    if (blob && referenced && !*referenced && !contents_are_held())
      (void)parts_.blobs.remove(*blob);
  }
  start_compaction();
  for (WaitingOpen& waiting : std::exchange(waiting_opens_, {})) {
    Session* session = live(waiting.channel);
    if (session == nullptr) continue;
    const bool queued = std::ranges::find(to_compact_, waiting.version) != to_compact_.end();
    if (compaction_ && (queued || compaction_->version == waiting.version)) {
      waiting_opens_.push_back(std::move(waiting));
      continue;
    }
    session->waited_for_compaction = true;
    Outcome outcome = on_open_file(*session, waiting.request);
    session->waited_for_compaction = false;
    if (outcome) finish(waiting.channel, waiting.request.id(), std::move(*outcome));
  }
}

// Its process ended, or could not be started.
void Vault::compactor_ended(const Session& session, std::string_view how) {
  if (session.worked || !compaction_) return;
  if (compaction_->channel && compaction_->channel != session.id) return;
  log_warning("a file's parts could not be joined",
              {{"version", compaction_->version.value}, {"why", how}});
  if (++compaction_failures_ == 1) {
    if (compaction_->version) to_compact_.push_front(compaction_->version);  // once more
  } else {
    compaction_not_before_ms_ = parts_.clock.monotonic_ms() + kPauseAfterFailureMs;
  }
  compaction_over();
}

// A file that has as many parts as a version may have is joined before it is changed again: its
// OPEN is answered afterwards. False: it cannot be waited for.
bool Vault::wait_for_compaction(Session& session, const Place& place,
                                const channel::Request& request) {
  if (!place.node || request.open_file().truncate() || session.waited_for_compaction) return false;
  const VersionId id = place.node->version;
  const auto version = parts_.catalogue.version(id);
  if (!version || !*version || (*version)->parts.size() < store::kMaxParts) return false;
  std::erase(to_compact_, id);
  to_compact_.push_front(id);
  start_compaction();
  const bool queued = !to_compact_.empty() && to_compact_.front() == id;
  if (!compaction_ || (!queued && compaction_->version != id)) return false;
  waiting_opens_.push_back({id, session.id, request});
  return true;
}

}  // namespace bulkhead::vault
