#include "vault/catalogue/schema.h"

#include <fmt/format.h>

namespace bulkhead::vault {
namespace {

// Two tables hold what SQL cannot derive: the format, whose shape never changes so that every
// release can read it, and the counters. Everything else is a projection.
constexpr const char* kBookkeeping = R"sql(
CREATE TABLE catalogue_format(version INTEGER NOT NULL) STRICT;
CREATE TABLE counters(
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// A removed user keeps the row (history refers to it) and gives up the name.
//
// In tables WITHOUT ROWID the key's columns come first, in the key's order: SQLite 3.40's
// quick_check finds NULLs in others that are not there.
constexpr const char* kPeople = R"sql(
CREATE TABLE organisations(
  id INTEGER PRIMARY KEY,
  name_hash BLOB NOT NULL UNIQUE,
  name_box BLOB NOT NULL,
  key_epoch INTEGER NOT NULL
) STRICT;
CREATE TABLE organisation_keys(
  organisation INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  wrapped_key BLOB NOT NULL,
  PRIMARY KEY (organisation, epoch, generation)
) STRICT, WITHOUT ROWID;
CREATE TABLE root_keys(
  generation INTEGER PRIMARY KEY,
  entry INTEGER NOT NULL
) STRICT;
CREATE TABLE organisation_recipients(
  owner INTEGER NOT NULL, position INTEGER NOT NULL, item TEXT NOT NULL,
  PRIMARY KEY (owner, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE users(
  id INTEGER PRIMARY KEY,
  organisation INTEGER NOT NULL,
  name_hash BLOB UNIQUE,
  name_box BLOB NOT NULL,
  role INTEGER NOT NULL,
  password_hash_box BLOB NOT NULL,
  totp_box BLOB NOT NULL,
  totp_step INTEGER NOT NULL,
  verify_required INTEGER NOT NULL,
  home INTEGER NOT NULL,
  disabled INTEGER NOT NULL,
  removed INTEGER NOT NULL
) STRICT;
CREATE TABLE user_keys(
  owner INTEGER NOT NULL, position INTEGER NOT NULL, item BLOB NOT NULL,
  PRIMARY KEY (owner, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE user_login_methods(
  owner INTEGER NOT NULL, position INTEGER NOT NULL, item TEXT NOT NULL,
  PRIMARY KEY (owner, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE security_key_counters(
  user INTEGER NOT NULL,
  key_sha256 BLOB NOT NULL,
  counter INTEGER NOT NULL,
  PRIMARY KEY (user, key_sha256)
) STRICT, WITHOUT ROWID;
CREATE TABLE certificate_authorities(
  id INTEGER PRIMARY KEY,
  organisation INTEGER NOT NULL,
  user INTEGER NOT NULL,
  key_box BLOB NOT NULL,
  removed INTEGER NOT NULL
) STRICT;
CREATE TABLE host_keys(
  number INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  wrapped_key BLOB NOT NULL,
  certificate BLOB NOT NULL,
  valid_after_s INTEGER NOT NULL,
  valid_before_s INTEGER NOT NULL,
  removed INTEGER NOT NULL
) STRICT;
CREATE TABLE tls_keys(
  number INTEGER PRIMARY KEY,
  wrapped_key BLOB NOT NULL,
  certificates BLOB NOT NULL,
  not_after_s INTEGER NOT NULL
) STRICT;
CREATE TABLE revocations(
  authority INTEGER NOT NULL,
  key_sha256 BLOB NOT NULL,
  key_id_hash BLOB NOT NULL,
  first_serial BLOB NOT NULL,
  last_serial BLOB NOT NULL,
  key_id_box BLOB NOT NULL,
  PRIMARY KEY (authority, key_sha256, key_id_hash, first_serial, last_serial)
) STRICT, WITHOUT ROWID;
CREATE TABLE grants(
  user INTEGER NOT NULL,
  node INTEGER NOT NULL,
  rights INTEGER NOT NULL,
  PRIMARY KEY (user, node)
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_by_node ON grants(node, user);
CREATE TABLE sessions(
  channel INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  peer_box BLOB NOT NULL,
  listener TEXT NOT NULL,
  kind TEXT NOT NULL,
  method TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  network BLOB NOT NULL
) STRICT;
CREATE INDEX sessions_open ON sessions(channel) WHERE ended_at = 0;
CREATE TABLE containment(
  scope INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  listener TEXT NOT NULL,
  keep_receiving INTEGER NOT NULL,
  PRIMARY KEY (scope, subject, listener)
) STRICT, WITHOUT ROWID;
CREATE TABLE breakers(
  scope INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  listener TEXT NOT NULL,
  tripped_at INTEGER NOT NULL,
  cause INTEGER NOT NULL,
  lifted_at INTEGER NOT NULL,
  organisation INTEGER NOT NULL,
  through TEXT NOT NULL,
  PRIMARY KEY (scope, subject, listener)
) STRICT, WITHOUT ROWID;
CREATE TABLE known_networks(
  user INTEGER NOT NULL,
  network BLOB NOT NULL,
  first_at INTEGER NOT NULL,
  PRIMARY KEY (user, network)
) STRICT, WITHOUT ROWID;
)sql";

// `children` saves counting a folder of a million; nodes_by_parent ends in the id, so it pages too.
constexpr const char* kFiles = R"sql(
CREATE TABLE nodes(
  id INTEGER PRIMARY KEY,
  parent INTEGER NOT NULL,
  name_hash BLOB NOT NULL,
  name_box BLOB NOT NULL,
  is_folder INTEGER NOT NULL,
  organisation INTEGER NOT NULL,
  creator INTEGER NOT NULL,
  version INTEGER NOT NULL,
  size INTEGER NOT NULL,
  modified_s INTEGER NOT NULL,
  accessed_s INTEGER NOT NULL,
  permissions INTEGER NOT NULL,
  children INTEGER NOT NULL,
  durability INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX nodes_by_name ON nodes(parent, name_hash);
CREATE INDEX nodes_by_parent ON nodes(parent);
CREATE TABLE lineages(
  id BLOB PRIMARY KEY,
  organisation INTEGER NOT NULL,
  key_epoch INTEGER NOT NULL,
  wrapped_file_key BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lineages_by_epoch ON lineages(organisation, key_epoch);
CREATE TABLE versions(
  id INTEGER PRIMARY KEY,
  node INTEGER NOT NULL,
  lineage BLOB NOT NULL,
  size INTEGER NOT NULL,
  description BLOB NOT NULL,
  inline_segment INTEGER,
  inline_offset INTEGER,
  uploader INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  organisation INTEGER NOT NULL,
  name_box BLOB NOT NULL,
  current INTEGER NOT NULL,
  entry INTEGER NOT NULL,
  analysed INTEGER NOT NULL,
  committed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX versions_by_node ON versions(node);
CREATE INDEX versions_by_lineage ON versions(lineage);
CREATE INDEX versions_to_analyse ON versions(entry) WHERE analysed = 0;
CREATE TABLE version_parts(
  owner INTEGER NOT NULL, position INTEGER NOT NULL, item BLOB NOT NULL,
  PRIMARY KEY (owner, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX version_parts_by_blob ON version_parts(item);
CREATE INDEX version_parts_many ON version_parts(owner) WHERE position = 1;
CREATE TABLE listed_folders(
  user INTEGER NOT NULL,
  node INTEGER NOT NULL,
  PRIMARY KEY (user, node)
) STRICT, WITHOUT ROWID;
CREATE TABLE canaries(
  node INTEGER PRIMARY KEY
) STRICT;
CREATE TABLE uploads(
  id INTEGER PRIMARY KEY,
  parent INTEGER NOT NULL,
  name_hash BLOB NOT NULL,
  name_box BLOB NOT NULL,
  user INTEGER NOT NULL,
  organisation INTEGER NOT NULL,
  lineage BLOB NOT NULL,
  staging_blob BLOB NOT NULL,
  base_version INTEGER NOT NULL,
  permissions INTEGER NOT NULL,
  size INTEGER NOT NULL,
  size_known INTEGER NOT NULL,
  description BLOB NOT NULL,
  channel INTEGER NOT NULL,
  touched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX uploads_by_name ON uploads(user, parent, name_hash);
CREATE INDEX uploads_by_blob ON uploads(staging_blob);
CREATE INDEX uploads_by_base ON uploads(base_version);
CREATE TABLE upload_channels(
  upload INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (upload, channel)
) STRICT, WITHOUT ROWID;
)sql";

// `forgiven` in spent is 0, or one more than the entry that lifted the principal's breaker.
// `lineage` is in the key of releases for grants on an upload of which no version exists yet
// (version 0).
constexpr const char* kReleases = R"sql(
CREATE TABLE releases(
  channel INTEGER NOT NULL,
  version INTEGER NOT NULL,
  purpose INTEGER NOT NULL,
  lineage BLOB NOT NULL,
  user INTEGER NOT NULL,
  extents INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  last_entry INTEGER NOT NULL,
  PRIMARY KEY (channel, version, purpose, lineage)
) STRICT, WITHOUT ROWID;
CREATE INDEX releases_by_user ON releases(user, version);
CREATE INDEX releases_by_lineage ON releases(lineage);
CREATE TABLE spent(
  scope INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  listener TEXT NOT NULL,
  hour INTEGER NOT NULL,
  forgiven INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  files INTEGER NOT NULL,
  names INTEGER NOT NULL,
  new_names INTEGER NOT NULL,
  recent_files INTEGER NOT NULL,
  old_files INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  PRIMARY KEY (scope, subject, listener, hour, forgiven)
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_refused ON spent(hour) WHERE refused > 0;
CREATE TABLE analyses(
  version INTEGER PRIMARY KEY,
  outcome INTEGER NOT NULL,
  format TEXT NOT NULL,
  bytes_not_understood INTEGER NOT NULL,
  findings_blob BLOB NOT NULL,
  findings_size INTEGER NOT NULL,
  findings_sha256 BLOB NOT NULL
) STRICT;
CREATE INDEX analyses_by_blob ON analyses(findings_blob);
CREATE TABLE analysis_recipients(
  owner INTEGER NOT NULL, position INTEGER NOT NULL, item TEXT NOT NULL,
  PRIMARY KEY (owner, position)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace

Status create_schema(sqlite::Database& database) {
  return database.script(
      fmt::format("BEGIN IMMEDIATE; {} {} {} {} INSERT INTO catalogue_format VALUES ({}); COMMIT;",
                  kBookkeeping, kPeople, kFiles, kReleases, kCatalogueFormat));
}

Result<std::string> describe_schema(sqlite::Database& database) {
  BH_TRY(const auto lines,
         database.all("SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY 1, 2",
                      [](sqlite::Row& row) {
                        const std::string type = row.text();
                        const std::string name = row.text();
                        return type + " " + name + ": " + row.text() + "\n";
                      }));
  std::string all;
  for (const std::string& line : lines)
    all += line;
  return all;
}

}  // namespace bulkhead::vault
