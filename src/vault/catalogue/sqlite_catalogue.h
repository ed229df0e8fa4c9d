// The catalogue in one SQLite file. Between checkpoints everything happens in one open transaction,
// so that what the file holds is always what some checkpoint wrote down, together with how far that
// was.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "vault/catalogue/catalogue.h"
#include "vault/catalogue/counters.h"
#include "vault/catalogue/sqlite.h"

namespace bulkhead::vault {

class SqliteCatalogue final : public Catalogue {
 public:
  // Of a database with the tables of schema.h.
  static Result<std::unique_ptr<SqliteCatalogue>> make(sqlite::Database database);

  std::uint64_t applied() const override { return counters_.applied; }
  // All of the entry, or nothing of it and of everything since the checkpoint: then applied() has
  // gone back, and who goes on replays from there.
  Status apply(std::uint64_t index, const journal::Entry& entry,
               std::optional<journal::PayloadPosition> payload) override;
  Status checkpoint() override;
  Status clear() override;

  OrganisationId next_organisation() override { return {counters_.next_organisation}; }
  UserId next_user() override { return {counters_.next_user}; }
  NodeId next_node() override { return {counters_.next_node}; }
  VersionId next_version() override { return {counters_.next_version}; }
  UploadId next_upload() override { return {counters_.next_upload}; }
  ChannelId last_channel() override { return {counters_.last_channel}; }

  // query_people.cpp
  Result<std::vector<OrganisationRow>> organisations() override;
  Result<std::optional<OrganisationRow>> organisation(OrganisationId id) override;
  Result<std::optional<OrganisationId>> organisation_named(const NameHash& name) override;
  Result<std::vector<OrganisationKeyRow>> organisation_keys() override;
  Result<RootKeyRotation> root_key_rotation() override;
  Result<std::vector<LineageRow>> lineages_under(KeyEpoch which, std::size_t limit) override;
  Result<std::uint64_t> file_keys_under_older(OrganisationId id) override;
  Result<std::uint64_t> current_files_of(OrganisationId id) override;
  Result<std::vector<UserRow>> users() override;
  Result<std::optional<UserRow>> user(UserId id) override;
  Result<std::optional<UserRow>> user_named(const NameHash& name) override;
  Result<std::uint32_t> security_key_counter(UserId user, ByteView key_sha256) override;
  Result<std::vector<HostKeyRow>> host_keys() override;
  Result<std::uint64_t> next_host_key() override;
  Result<std::vector<TlsKeyRow>> tls_keys() override;
  Result<std::vector<CertificateAuthorityRow>> certificate_authorities() override;
  Result<std::uint64_t> next_certificate_authority() override;
  Result<std::vector<RevocationRow>> revocations() override;
  Result<bool> certificate_revoked(std::uint64_t authority, std::uint64_t serial,
                                   const NameHash& key_id, ByteView key_sha256) override;
  Result<bool> key_revoked(ByteView key_sha256) override;
  Result<std::vector<GrantRow>> grants_of(UserId user) override;
  Result<std::vector<GrantRow>> grants_on(NodeId node) override;
  Result<std::vector<SessionRow>> sessions(std::size_t newest) override;
  Result<std::optional<SessionRow>> session(ChannelId id) override;

  // query_files.cpp
  Result<std::optional<NodeRow>> node(NodeId id) override;
  Result<std::optional<NodeRow>> child(NodeId parent, const NameHash& name) override;
  Result<std::vector<NodeRow>> children(NodeId parent, NodeId after, std::size_t limit) override;
  Result<std::uint64_t> count_children(NodeId parent) override;
  Result<std::optional<VersionRow>> version(VersionId id) override;
  Result<std::optional<LineageRow>> lineage(const LineageId& id) override;
  Result<std::optional<UploadRow>> upload_at(UserId user, NodeId parent,
                                             const NameHash& name) override;
  Result<std::vector<UploadRow>> uploads() override;
  Result<std::vector<UploadRow>> uploads_in(UserId user, NodeId parent, const NameHash& after,
                                            std::size_t limit) override;
  Result<bool> blob_is_referenced(ByteView blob) override;
  Result<std::vector<VersionId>> versions_in_parts(std::size_t limit) override;
  Result<bool> has_upload_on(VersionId base) override;
  Result<Totals> totals() override;

  // query_releases.cpp
  Result<Spent> spent_since(UserId user, UnixMicros since) override;
  Result<std::vector<VersionRow>> versions_to_analyse(std::size_t limit) override;
  Result<std::uint64_t> analysis_backlog() override;
  Result<std::optional<AnalysisRow>> analysis(VersionId id) override;
  Result<std::vector<ReleaseRow>> releases(const ReleaseQuery& query) override;
  Result<Containment> containment() override;

  // traffic.cpp
  Result<std::vector<policy::HourOfTraffic>> traffic_since(const Principal& who,
                                                           std::int64_t hour) override;
  Result<policy::HourOfTraffic> traffic_in(const Principal& who, std::int64_t hour) override;
  Result<policy::FileAge> age_when_read(UserId user, VersionId version, UnixMicros at) override;
  Result<std::vector<BreakerRow>> breakers() override;
  Result<std::vector<Refused>> refused_since(std::int64_t hour) override;
  Result<UnixMicros> network_known_since(UserId user, ChannelId channel) override;
  Result<bool> has_listed(UserId user, NodeId folder) override;
  Result<bool> is_canary(NodeId node) override;
  Result<std::vector<NodeId>> canaries() override;
  Result<std::uint64_t> readable_files(UserId user) override;

 private:
  explicit SqliteCatalogue(sqlite::Database database) : database_(std::move(database)) {}

  Status begin();
  Status give_up();  // everything since the checkpoint
  Status load_counters();
  Status store_counters();
  Status complete(OrganisationRow& row);
  Status complete(UserRow& row);
  Status complete(VersionRow& row);

  template <typename Row>
  Result<std::optional<Row>> completed(Result<std::optional<Row>> row);
  template <typename Row>
  Result<std::vector<Row>> completed(Result<std::vector<Row>> rows);

  // What every upload asks for, until an entry that is not of an upload.
  struct Remembered {
    KnownRows known;
    std::map<NodeId, NodeRow> folders;
    std::map<OrganisationId, OrganisationRow> organisations;
  };

  sqlite::Database database_;
  Remembered remembered_;
  Counters counters_;
  Counters stored_;  // as the file, or the open transaction, has them
};

// With the lists that lie in tables of their own.
template <typename Row>
Result<std::optional<Row>> SqliteCatalogue::completed(Result<std::optional<Row>> row) {
  if (row && *row) BH_CHECK(complete(**row));
  return row;
}

template <typename Row>
Result<std::vector<Row>> SqliteCatalogue::completed(Result<std::vector<Row>> rows) {
  if (!rows) return rows;
  for (Row& row : *rows)
    BH_CHECK(complete(row));
  return rows;
}

}  // namespace bulkhead::vault
