#include "catalogue_entries.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

namespace bulkhead::vault::test {

NameHash hash_of_name(std::string_view name) {
  NameHash hash{};
  std::uint64_t state = 0xcbf29ce484222325;  // FNV-1a, stretched
  for (std::size_t i = 0; i < hash.size(); ++i) {
    for (const char c : name)
      state = (state ^ static_cast<Byte>(c)) * 0x100000001b3;
    state = (state ^ i) * 0x100000001b3;
    hash[i] = static_cast<Byte>(state >> 32);
  }
  return hash;
}

void seal(std::string_view name, journal::Sealed* out) {
  const NameHash hash = hash_of_name(name);
  out->set_box("box:" + std::string(name));
  out->set_hash(hash.data(), hash.size());
}

Bytes box_of_name(std::string_view name) {
  return to_bytes(as_bytes("box:" + std::string(name)));
}

LineageId lineage_number(std::uint64_t number) {
  LineageId lineage{};
  store_be(lineage.data() + 8, number);
  return lineage;
}

std::string lineage_bytes(std::uint64_t number) {
  return to_string(ByteView(lineage_number(number)));
}

journal::Entry entry_at(UnixMicros at, std::uint64_t channel) {
  journal::Entry entry;
  entry.set_format(1);
  entry.set_at_us(at);
  entry.set_channel(channel);
  return entry;
}

Status Story::try_apply(journal::Entry entry, std::optional<journal::PayloadPosition> payload) {
  Status done = catalogue_->apply(catalogue_->applied(), entry, payload);
  if (done) recorded_.push_back({std::move(entry), payload});
  return done;
}

void Story::apply(journal::Entry entry, std::optional<journal::PayloadPosition> payload) {
  const Status done = try_apply(std::move(entry), payload);
  ASSERT_TRUE(done) << done.error().message;
}

void Story::begin() {
  auto root = entry();
  root.mutable_folder_made()->set_node(kRootNode.value);
  apply(std::move(root));
  organisation(1, "acme");
  user(1, "ada");
}

void Story::organisation(std::uint64_t id, std::string_view name) {
  auto e = entry();
  auto& event = *e.mutable_organisation_added();
  event.set_organisation(id);
  seal(name, event.mutable_name());
  event.set_wrapped_key("wrapped");
  event.set_key_epoch(1);
  event.add_incident_recipient("age1first");
  event.add_incident_recipient("age1second");
  apply(std::move(e));
}

void Story::user(std::uint64_t id, std::string_view name, std::uint64_t organisation) {
  auto e = entry();
  auto& event = *e.mutable_user_added();
  event.set_user(id);
  event.set_organisation(organisation);
  seal(name, event.mutable_name());
  event.add_public_key()->set_box("key one");
  event.add_public_key()->set_box("key two");
  event.mutable_password_hash()->set_box("password");
  event.set_home(kRootNode.value);
  apply(std::move(e));
}

void Story::folder(std::uint64_t id, std::string_view name, std::uint64_t parent) {
  auto e = entry();
  auto& event = *e.mutable_folder_made();
  event.set_node(id);
  event.set_parent(parent);
  seal(name, event.mutable_name());
  event.set_organisation(1);
  event.set_user(1);
  event.set_permissions(0750);
  apply(std::move(e));
}

void Story::remove(std::uint64_t node) {
  auto e = entry();
  e.mutable_node_removed()->set_node(node);
  apply(std::move(e));
}

void Story::rename(std::uint64_t node, std::uint64_t parent, std::string_view name,
                   std::uint64_t replaced) {
  auto e = entry();
  auto& event = *e.mutable_node_renamed();
  event.set_node(node);
  event.set_parent(parent);
  seal(name, event.mutable_name());
  event.set_replaced(replaced);
  apply(std::move(e));
}

void Story::rights(std::uint64_t node, std::uint64_t user, std::uint32_t bits) {
  auto e = entry();
  e.mutable_rights_set()->set_node(node);
  e.mutable_rights_set()->set_user(user);
  e.mutable_rights_set()->set_rights(bits);
  apply(std::move(e));
}

void Story::open_session(std::uint64_t on_channel, std::uint64_t user) {
  channel = on_channel;
  auto opened = entry();
  opened.mutable_session_opened()->mutable_peer_address()->set_box("peer");
  opened.mutable_session_opened()->set_listener("sftp");
  opened.mutable_session_opened()->set_kind("sftp-session");
  apply(std::move(opened));
  auto login = entry();
  login.mutable_login_succeeded()->set_user(user);
  login.mutable_login_succeeded()->set_method("publickey");
  apply(std::move(login));
}

void Story::start_upload(const NewUpload& upload) {
  auto e = entry();
  auto& event = *e.mutable_upload_started();
  event.set_upload(upload.id);
  event.set_parent(upload.parent);
  seal(upload.name, event.mutable_name());
  event.set_user(upload.user);
  event.set_organisation(upload.organisation);
  event.set_lineage(lineage_bytes(upload.lineage));
  if (upload.new_lineage) {
    event.set_wrapped_file_key("wrapped file key");
    event.set_key_epoch(1);
  }
  event.set_staging_blob(upload.staging_blob);
  event.set_base_version(upload.base_version);
  event.set_permissions(0640);
  apply(std::move(e));
}

void Story::commit_upload(std::uint64_t upload, std::uint64_t version, std::uint64_t node,
                          std::uint64_t size, std::vector<std::string> parts, bool is_inline) {
  auto e = entry();
  auto& event = *e.mutable_upload_committed();
  event.set_upload(upload);
  event.set_version(version);
  event.set_node(node);
  event.set_size(size);
  event.set_description("description");
  for (std::string& part : parts)
    event.add_part(std::move(part));
  event.set_modified_s(1'234'567);
  event.set_permissions(0644);
  if (!is_inline) return apply(std::move(e));
  event.set_inline_sha256(std::string(32, 's'));
  apply(std::move(e), journal::PayloadPosition{.segment = 0, .offset = 4096 + version});
}

void Story::put(std::uint64_t version, std::uint64_t node, std::string_view name,
                std::uint64_t size, std::uint64_t user) {
  const std::string blob = fmt::format("blob-{}", version);
  start_upload({.id = version,
                .name = std::string(name),
                .user = user,
                .lineage = version,
                .staging_blob = blob});
  commit_upload(version, version, node, size, {blob});
}

void Story::release(std::uint64_t user, std::uint64_t version, std::uint64_t bytes,
                    journal::ReleasePurpose purpose, std::uint32_t extents) {
  auto e = entry();
  auto& event = *e.mutable_extents_released();
  event.set_user(user);
  event.set_version(version);
  for (std::uint32_t i = 0; i < extents; ++i)
    event.add_extent(i);
  event.set_bytes(bytes);
  event.set_purpose(purpose);
  apply(std::move(e));
}

void Story::analysed(std::uint64_t version, std::string findings_blob) {
  auto e = entry();
  auto& event = *e.mutable_analysis_finished();
  event.set_version(version);
  event.set_outcome(1);
  event.set_format("x12-834");
  event.set_bytes_not_understood(17);
  event.set_findings_blob(std::move(findings_blob));
  event.set_findings_size(99);
  event.set_findings_sha256(std::string(32, 'f'));
  event.add_recipient("age1first");
  apply(std::move(e));
}

std::unique_ptr<Catalogue> open_or_die(const std::string& path) {
  auto opened = open_sqlite_catalogue(path);
  if (!opened) {
    ADD_FAILURE() << opened.error().message;
    std::abort();
  }
  return std::move(*opened);
}

namespace {

std::vector<std::string> rows_of(sqlite3* database, const std::string& sql) {
  std::vector<std::string> rows;
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    std::string row;
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
      const auto* start = static_cast<const Byte*>(sqlite3_column_blob(statement, column));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      row += fmt::format("{}:{}|", sqlite3_column_type(statement, column),
                         to_hex(ByteView(start, size)));
    }
    rows.push_back(std::move(row));
  }
  sqlite3_finalize(statement);
  return rows;
}

}  // namespace

std::string dump(const std::string& path) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
  std::string text;
  for (const std::string& row :
       rows_of(database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")) {
    const std::string name = to_string(ByteView(*from_hex(row.substr(2, row.size() - 3))));
    std::vector<std::string> rows = rows_of(database, "SELECT * FROM " + name);
    std::sort(rows.begin(), rows.end());
    text += name + "\n";
    for (const std::string& each : rows)
      text += "  " + each + "\n";
  }
  sqlite3_close(database);
  return text;
}

}  // namespace bulkhead::vault::test
