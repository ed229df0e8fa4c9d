// Analysts: one sandboxed process for one uploaded file. It gets the file's extents like any
// reader, journalled as what an analyst held, and an empty file for the findings, which it seals to
// the organisation's incident keys itself.
#include "base/log.h"
#include "proto/journal.pb.h"
#include "vault/files/blob_ids.h"
#include "vault/limits.h"
#include "vault/vault.h"

namespace bulkhead::vault {

void Vault::start_analysts() {
  if (!started_ || containment_.deployment || parts_.keeper.is_sealed() || fault_) return;
  if (analysts_ >= parts_.configuration.analysis.processes) return;
  const auto waiting =
      parts_.catalogue.versions_to_analyse(parts_.configuration.analysis.processes + 1);
  if (!waiting) return;
  for (const VersionRow& version : *waiting) {
    if (analysts_ >= parts_.configuration.analysis.processes) return;
    if (being_analysed_.contains(version.id)) continue;
    ++analysts_;
    parts_.processes.start_analyst();
  }
}

Outcome Vault::on_take_analysis(Session& session, const channel::Request&) {
  if (!session.handles.empty())
    return fail(ErrorCode::kInvalidArgument, "one file for one analyst");
  const auto waiting =
      parts_.catalogue.versions_to_analyse(parts_.configuration.analysis.processes + 1);
  if (!waiting) return std::unexpected(waiting.error());
  for (const VersionRow& version : *waiting) {
    if (being_analysed_.contains(version.id)) continue;
    return hand_to_analyst(session, version);
  }
  return fail(ErrorCode::kNotFound, "nothing waits to be analysed");
}

Result<Answer> Vault::hand_to_analyst(Session& session, const VersionRow& version) {
  FileHandle handle;
  handle.reading = true;
  Answer answer;
  BH_CHECK(add_base(handle, version.id, true, answer));
  // add_base describes the contents in an OpenedFile; the job carries the same description.
  channel::Content content = answer.reply.opened_file().base();
  auto* job = answer.reply.mutable_analysis_job();
  *job->mutable_content() = std::move(content);
  BH_TRY(*job->mutable_name(), parts_.names.open_box(Field::kNodeName, version.name_box));
  BH_TRY(const std::optional<OrganisationRow> organisation,
         parts_.catalogue.organisation(version.organisation));
  if (!organisation) return fail(ErrorCode::kCorrupt, "the file belongs to no organisation");
  for (const std::string& recipient : organisation->incident_recipients)
    job->add_recipient(recipient);
  BH_TRY(store::StagingBlob findings, parts_.blobs.take());
  handle.findings_blob = to_bytes(findings.blob);
  BH_TRY(UniqueFd descriptor, duplicate(*findings.file));
  answer.descriptors.push_back(std::move(descriptor));
  job->set_memory_limit_bytes(parts_.configuration.analysis.memory_bytes);
  job->set_version(version.id.value);
  being_analysed_.emplace(version.id, session.id);
  BH_TRY(const std::uint64_t id, new_handle(session, std::move(handle)));
  job->set_handle(id);
  return answer;
}

Outcome Vault::on_report_analysis(Session& session, const channel::Request& request) {
  const channel::ReportAnalysis& report = request.report_analysis();
  FileHandle* handle = file_handle(session, report.handle());
  if (handle == nullptr || handle->findings_blob.empty() || handle->finished) {
    return fail(ErrorCode::kInvalidArgument, "no analysis on this handle");
  }
  session.worked = true;
  journal::Entry entry;
  auto* finished = entry.mutable_analysis_finished();
  finished->set_version(handle->version.value);
  finished->set_outcome(report.outcome());
  finished->set_format(report.format());
  finished->set_bytes_not_understood(report.bytes_not_understood());
  if (report.findings_size() == 0) {
    handle->finished = true;
    being_analysed_.erase(handle->version);
    Answer answer;
    answer.after_entries = record(session.id, std::move(entry));
    answer.written_suffices = true;  // if it gets lost, it is found out again
    remove_blob_after(answer.after_entries, handle->findings_blob);
    return answer;
  }
  finished->set_findings_blob(to_string(ByteView(handle->findings_blob)));
  finished->set_findings_size(report.findings_size());
  finished->set_findings_sha256(report.findings_sha256());
  const auto organisation = parts_.catalogue.organisation(handle->organisation);
  if (organisation && *organisation) {
    for (const std::string& recipient : (*organisation)->incident_recipients)
      finished->add_recipient(recipient);
  }
  return store_findings(session, *handle, request.id(), std::move(entry));
}

Outcome Vault::store_findings(Session& session, FileHandle& handle, std::uint64_t request_id,
                              journal::Entry entry) {
  const auto blob = blob_id(handle.findings_blob);
  if (!blob) return std::unexpected(blob.error());
  auto sealed = parts_.blobs.seal(*blob);
  if (!sealed) return std::unexpected(std::move(sealed).error());
  handle.finished = true;
  auto after = std::make_shared<std::uint64_t>(0);
  parts_.committer.submit({
      .blobs = {std::move(*sealed)},
      .append = [this, after, entry = std::move(entry), channel = session.id,
                 version = handle.version]() mutable -> Status {
        *after = record(channel, std::move(entry));
        being_analysed_.erase(version);
        return {};
      },
      .done =
          [this, after, channel = session.id, request_id](Status done) {
            if (!done) return finish(channel, request_id, std::unexpected(std::move(done).error()));
            Answer answer;
            answer.after_entries = *after;
            finish(channel, request_id, std::move(answer));
          },
  });
  return std::nullopt;
}

void Vault::analysis_failed(VersionId version, std::string_view why) {
  if (++analysis_attempts_[version] < kMaxAnalysisAttempts) return;
  analysis_attempts_.erase(version);
  log_warning("a file could not be analysed", {{"version", version.value}, {"why", why}});
  journal::Entry entry;
  entry.mutable_analysis_finished()->set_version(version.value);
  entry.mutable_analysis_finished()->set_outcome(channel::ReportAnalysis::FAILED);
  record({}, std::move(entry));
}

}  // namespace bulkhead::vault
