// bulkhead-compactor: joins the parts of one stored version. Sandboxed, no network, no key.
#include "processes/common/confined.h"
#include "processes/content/stored_content.h"
#include "store/compaction.h"

namespace bulkhead::processes {
namespace {

Result<channel::ReportCompaction> compact_job(const channel::CompactionJob& job,
                                              std::vector<UniqueFd> descriptors) {
  if (descriptors.empty() || job.target_blob().size() != store::BlobId{}.size())
    return fail(ErrorCode::kInternal, "the vault handed out no file for the new part");
  store::StagingPart target;
  std::ranges::copy(as_bytes(job.target_blob()), target.blob.begin());
  target.file = wrap_fd(std::move(descriptors.back()), "the new part");
  descriptors.pop_back();
  BH_TRY(const store::StoredVersion version, stored_version(job.content(), descriptors));
  BH_TRY(const store::CompactedVersion compacted, store::compact(version, target));
  channel::ReportCompaction report;
  report.set_description(to_string(ByteView(compacted.description.serialise())));
  for (const unsigned part : compacted.kept_parts)
    report.add_kept_part(part);
  return report;  // the new part closes here: the vault takes only what nobody can write to any
                  // more
}

Status compact_one(channel::Client& vault) {
  channel::Request take;
  take.mutable_take_compaction();
  std::vector<UniqueFd> descriptors;
  const auto reply = vault.call(std::move(take), &descriptors);
  // Overwritten or removed meanwhile.
  if (!reply && reply.error().code == ErrorCode::kNotFound) return {};
  if (!reply) return fail(reply.error());
  channel::Request request;
  BH_TRY(*request.mutable_report_compaction(),
         compact_job(reply->compaction_job(), std::move(descriptors)));
  const auto taken = vault.call(std::move(request));
  // Somebody began to change the file: the next one will do.
  if (!taken && taken.error().code == ErrorCode::kConflict) return {};
  return taken ? Status() : Status(fail(taken.error()));
}

}  // namespace
}  // namespace bulkhead::processes

int main(int argc, char** argv) {
  return bulkhead::processes::run_analyst(argc, argv,
                                          {.name = "compactor",
                                           .prepare = {},
                                           .largest_file_bytes = UINT64_MAX,
                                           .work = bulkhead::processes::compact_one});
}
