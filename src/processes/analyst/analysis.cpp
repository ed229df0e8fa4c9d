#include "processes/analyst/analysis.h"

#include <algorithm>
#include <vector>

#include "channel/limits.h"
#include "crypto/age.h"
#include "crypto/digest.h"
#include "exposure/exposure.h"
#include "processes/content/granted_keys.h"
#include "processes/content/stored_content.h"
#include "store/blob_reader.h"

namespace bulkhead::processes {
namespace {

// The stored file, decrypted as it is read.
class StoredSource final : public exposure::ByteSource {
 public:
  explicit StoredSource(store::BlobReader& reader) : reader_(reader) {}
  std::uint64_t size() const override { return reader_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, MutableByteView into) override {
    return reader_.read(offset, into);
  }

 private:
  store::BlobReader& reader_;
};

struct SealedFindings {
  std::uint64_t size = 0;
  crypto::Sha256 sha256{};
};

Result<std::vector<crypto::AgeRecipient>> recipients_of(const channel::AnalysisJob& job) {
  std::vector<crypto::AgeRecipient> recipients;
  for (const std::string& text : job.recipient()) {
    BH_TRY(crypto::AgeRecipient recipient, crypto::AgeRecipient::parse(text));
    recipients.push_back(recipient);
  }
  return recipients;
}

Result<SealedFindings> seal_findings(const exposure::FileFindings& findings,
                                     const std::vector<crypto::AgeRecipient>& recipients, int out) {
  SealedFindings sealed;
  crypto::Hasher hasher;
  const auto write = [&](ByteView bytes) -> Status {
    BH_CHECK(write_all(out, bytes, "the findings"));
    hasher.update(bytes);
    sealed.size += bytes.size();
    return {};
  };
  BH_TRY(auto encryptor, crypto::AgeEncryptor::start(recipients, crypto::system_random(), write));
  BH_CHECK(exposure::encode(findings, [&](ByteView bytes) { return encryptor.write(bytes); }));
  BH_CHECK(encryptor.finish());
  sealed.sha256 = hasher.finish_sha256();
  return sealed;
}

channel::ReportAnalysis::Outcome outcome_of(const exposure::FileFindings& findings) {
  if (!findings.report.read) return channel::ReportAnalysis::NOT_READ;
  return findings.complete() ? channel::ReportAnalysis::READ_WHOLLY
                             : channel::ReportAnalysis::READ_PARTLY;
}

Result<channel::ReportAnalysis> analyse_job(channel::Client& vault, const channel::AnalysisJob& job,
                                            std::vector<UniqueFd> descriptors) {
  if (descriptors.empty())
    return fail(ErrorCode::kInternal, "the vault handed out no file for the findings");
  UniqueFd out = std::move(descriptors.back());
  descriptors.pop_back();
  BH_TRY(store::StoredVersion version, stored_version(job.content(), descriptors));
  GrantedKeys keys(vault, job.handle(), false);
  BH_TRY(store::BlobReader reader, store::BlobReader::open(std::move(version), keys));
  StoredSource source(reader);
  BH_TRY(const exposure::FileFindings findings,
         exposure::analyse(source, job.name(), exposure::default_rules()));
  channel::ReportAnalysis report;
  report.set_handle(job.handle());
  report.set_outcome(outcome_of(findings));
  report.set_format(findings.report.format);
  report.set_bytes_not_understood(
      std::min(findings.bytes_not_understood(), channel::kMaxFileBytes));
  BH_TRY(const auto recipients, recipients_of(job));
  if (recipients.empty())
    return report;  // nobody could ever open them: only how it was read is kept
  BH_TRY(const SealedFindings sealed, seal_findings(findings, recipients, out.get()));
  report.set_findings_size(sealed.size);
  report.set_findings_sha256(to_string(ByteView(sealed.sha256)));
  return report;  // `out` closes here: the vault takes only what nobody can write to any more
}

}  // namespace

Status analyse_one(channel::Client& vault) {
  channel::Request take;
  take.mutable_take_analysis();
  std::vector<UniqueFd> descriptors;
  BH_TRY(const channel::Reply reply, vault.call(std::move(take), &descriptors));
  BH_TRY(channel::ReportAnalysis report,
         analyse_job(vault, reply.analysis_job(), std::move(descriptors)));
  channel::Request request;
  *request.mutable_report_analysis() = std::move(report);
  BH_CHECK(vault.call(std::move(request)));
  return {};
}

}  // namespace bulkhead::processes
