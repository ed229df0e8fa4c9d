// Files that are changed in place again and again: their parts are joined, by a process that gets
// ciphertext only, while they are read and written.
#include <fcntl.h>

#include <stdexcept>

#include "processes/content/stored_content.h"
#include "store/compaction.h"
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

const std::vector<std::string> kPath = {"home", "anna", "f"};

Bytes contents(std::size_t size, std::size_t seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<Byte>(i * 13 + (i >> 9) + seed * 101);
  return bytes;
}

channel::Request open_in_place() {
  channel::Request request;
  *request.mutable_open_file()->mutable_path() = VaultHarness::path(kPath);
  request.mutable_open_file()->set_read(true);
  request.mutable_open_file()->set_write(true);
  return request;
}

class Compaction : public testing::Test {
 protected:
  Compaction() : anna_(h.add_user("anna")), channel_(h.log_in("anna", anna_)) {}

  void put(std::size_t size) {
    expected_ = contents(size, 0);
    ASSERT_EQ(h.upload(channel_, kPath, expected_), "");
  }

  // Writes in place what the open answer is for; an error text where it is not committed.
  std::string write_in(Received opened, std::uint64_t at, ByteView bytes) {
    if (opened.reply.code() != 0) return opened.reply.message();
    const auto handle = opened.reply.opened_file().handle();
    AskedKeys keys(h, channel_, handle, true);
    auto content =
        processes::opened_content(opened.reply.opened_file(), std::move(opened.descriptors))
            .value();
    store::FinishedVersion finished;
    {
      auto writer = store::BlobWriter::on_base(std::move(*content.base), content.staging, keys,
                                               crypto::system_random())
                        .value();
      content.staging.file.reset();
      if (const Status written = writer.write(at, bytes); !written) return written.error().message;
      finished = writer.finish().value();
    }
    channel::Request commit;
    auto* message = commit.mutable_commit_upload();
    message->set_handle(handle);
    message->set_size(finished.description.size);
    message->set_description(to_string(ByteView(finished.description.serialise())));
    const auto committed = h.ask(channel_, std::move(commit));
    if (!committed) return "ended";
    std::ranges::copy(bytes, expected_.begin() + static_cast<std::ptrdiff_t>(at));
    return committed->reply.code() == 0 ? "" : committed->reply.message();
  }

  std::string change(std::size_t number) {
    return write_in(*h.ask(channel_, open_in_place()), (number * 70'001) % 600'000,
                    contents(1'000, number));
  }

  std::size_t parts() {
    const auto home = h.catalogue().child(kRootNode, node_hash(kRootNode, "home")).value();
    const auto folder = h.catalogue().child(home->id, node_hash(home->id, "anna")).value();
    const auto file = h.catalogue().child(folder->id, node_hash(folder->id, "f")).value();
    return h.catalogue().version(file->version).value()->parts.size();
  }
  // Those with something in them: others wait for the next upload.
  std::size_t stored_blobs() {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(h.folder + "/deployment/blobs"))
      count += entry.file_size() > 0 ? 1 : 0;
    return count;
  }
  NameHash node_hash(NodeId parent, std::string_view name) {
    return h.vault().parts().names.node_hash(parent, name);
  }

  ChannelId compactor() { return h.start_analyst_channel(ProcessKind::kCompactor); }

  static channel::Request take() {
    channel::Request request;
    request.mutable_take_compaction();
    return request;
  }

  // What an honest compactor reports about a job.
  static channel::Request joined(Received job) {
    if (job.descriptors.empty()) throw std::runtime_error("no job: " + job.reply.message());
    const auto& message = job.reply.compaction_job();
    store::StagingPart target;
    std::ranges::copy(as_bytes(message.target_blob()), target.blob.begin());
    target.file = wrap_fd(std::move(job.descriptors.back()), "target");
    job.descriptors.pop_back();
    const auto version = processes::stored_version(message.content(), job.descriptors).value();
    const auto compacted = store::compact(version, target).value();
    channel::Request request;
    auto* report = request.mutable_report_compaction();
    report->set_description(to_string(ByteView(compacted.description.serialise())));
    for (const unsigned part : compacted.kept_parts)
      report->add_kept_part(part);
    return request;
  }

  void tick() {
    h.vault().tick();
    h.pump();
  }

  VaultHarness h;
  crypto::Ed25519KeyPair anna_;
  ChannelId channel_;
  Bytes expected_;
};

TEST_F(Compaction, JoinsThePartsAndNobodyNotices) {
  put(1'000'000);
  for (std::size_t i = 1; i <= 10; ++i)
    ASSERT_EQ(change(i), "");
  ASSERT_EQ(parts(), 11u);
  // Somebody is reading meanwhile.
  channel::Request open;
  *open.mutable_open_file()->mutable_path() = VaultHarness::path(kPath);
  open.mutable_open_file()->set_read(true);
  auto reading = h.ask(channel_, open);
  const auto handle = reading->reply.opened_file().handle();
  AskedKeys keys(h, channel_, handle, false);
  auto content =
      processes::opened_content(reading->reply.opened_file(), std::move(reading->descriptors))
          .value();
  auto reader = store::BlobReader::open(std::move(*content.base), keys).value();

  tick();
  EXPECT_EQ(h.compactors_started, 1);
  const std::uint64_t released = h.count(journal::Entry::kExtentsReleased);
  const ChannelId worker = compactor();
  auto job = h.ask(worker, take());
  ASSERT_TRUE(job && job->reply.has_compaction_job());
  EXPECT_EQ(job->descriptors.size(), 12u);
  ASSERT_EQ(h.ask(worker, joined(std::move(*job)))->reply.code(), 0u);
  EXPECT_EQ(parts(), 1u);
  EXPECT_EQ(h.count(journal::Entry::kVersionCompacted), 1u);
  EXPECT_EQ(h.count(journal::Entry::kExtentsReleased), released) << "no key had to leave for it";
  // Versions before this one are still to be analysed: their parts stay, all but the newest.
  EXPECT_EQ(stored_blobs(), 11u);

  Bytes read(expected_.size());
  ASSERT_TRUE(reader.read(0, read));
  EXPECT_EQ(read, expected_) << "who had the old parts open reads on";
  EXPECT_EQ(h.download(channel_, kPath), expected_);
  ASSERT_EQ(change(11), "");
  EXPECT_EQ(h.download(channel_, kPath), expected_);
  for (const char* suffix : {"", "-wal", "-shm"})
    std::filesystem::remove(h.folder + "/deployment/catalogue.sqlite" + suffix);
  h.restart();
  channel_ = h.log_in("anna", anna_);
  EXPECT_EQ(h.download(channel_, kPath), expected_) << "from the journal alone";
  EXPECT_EQ(parts(), 2u);
}

TEST_F(Compaction, OldPartsGoWhenNothingNeedsThem) {
  put(1'000'000);
  for (std::size_t i = 1; i <= 10; ++i)
    ASSERT_EQ(change(i), "");
  while (auto waiting = h.catalogue().versions_to_analyse(1)) {
    if (waiting->empty()) break;
    const ChannelId analyst = h.start_analyst_channel();
    channel::Request analysis;
    analysis.mutable_take_analysis();
    const auto job = h.ask(analyst, analysis);
    channel::Request report;
    report.mutable_report_analysis()->set_handle(job->reply.analysis_job().handle());
    ASSERT_EQ(h.ask(analyst, report)->reply.code(), 0u);
    h.vault().channel_ended(analyst, "exit 0");
  }
  h.pump();
  EXPECT_EQ(stored_blobs(), 11u);
  tick();
  const ChannelId worker = compactor();
  ASSERT_EQ(h.ask(worker, joined(std::move(*h.ask(worker, take()))))->reply.code(), 0u);
  h.pump();
  EXPECT_EQ(stored_blobs(), 1u);
  EXPECT_EQ(h.download(channel_, kPath), expected_);
}

TEST_F(Compaction, OneUploadThatIsMostlyGarbageIsCompacted) {
  channel::Request open;
  *open.mutable_open_file()->mutable_path() = VaultHarness::path(kPath);
  open.mutable_open_file()->set_write(true);
  open.mutable_open_file()->set_create(true);
  auto opened = h.ask(channel_, open);
  const auto handle = opened->reply.opened_file().handle();
  AskedKeys keys(h, channel_, handle, true);
  auto content =
      processes::opened_content(opened->reply.opened_file(), std::move(opened->descriptors))
          .value();
  expected_ = contents(3'000'000, 1);
  store::FinishedVersion finished;
  {
    auto writer =
        store::BlobWriter::create(content.lineage, content.staging, keys, crypto::system_random())
            .value();
    content.staging.file.reset();
    for (int again = 0; again < 3; ++again)
      ASSERT_TRUE(writer.write(0, expected_));
    finished = writer.finish().value();
  }
  channel::Request commit;
  commit.mutable_commit_upload()->set_handle(handle);
  commit.mutable_commit_upload()->set_size(finished.description.size);
  commit.mutable_commit_upload()->set_description(
      to_string(ByteView(finished.description.serialise())));
  ASSERT_EQ(h.ask(channel_, commit)->reply.code(), 0u);
  tick();
  ASSERT_EQ(h.compactors_started, 1);
  const ChannelId worker = compactor();
  // One part becomes one part.
  ASSERT_EQ(h.ask(worker, joined(std::move(*h.ask(worker, take()))))->reply.code(), 0u);
  EXPECT_EQ(h.download(channel_, kPath), expected_);
  h.vault().channel_ended(worker, "exit 0");
  tick();
  EXPECT_EQ(h.compactors_started, 1) << "it is good for now";
}

TEST_F(Compaction, AVersionThatSomebodyBuildsOnKeepsItsParts) {
  put(1'000'000);
  for (std::size_t i = 1; i <= 10; ++i)
    ASSERT_EQ(change(i), "");
  tick();
  const ChannelId worker = compactor();
  auto job = h.ask(worker, take());
  ASSERT_TRUE(job && job->reply.has_compaction_job());
  const auto report = joined(std::move(*job));
  auto opened = h.ask(channel_, open_in_place());  // begins meanwhile
  const auto refused = h.ask(worker, report);
  ASSERT_TRUE(refused);
  EXPECT_EQ(channel::error_code_from_wire(refused->reply.code()), ErrorCode::kConflict);
  h.vault().channel_ended(worker, "exit 0");
  tick();
  EXPECT_EQ(h.compactors_started, 1) << "not while the upload goes on";
  ASSERT_EQ(write_in(std::move(*opened), 5, contents(10, 9)), "");
  EXPECT_EQ(h.download(channel_, kPath), expected_);
  tick();
  EXPECT_EQ(h.compactors_started, 2);
  const ChannelId next = compactor();
  ASSERT_EQ(h.ask(next, joined(std::move(*h.ask(next, take()))))->reply.code(), 0u);
  EXPECT_EQ(parts(), 1u);
  EXPECT_EQ(h.download(channel_, kPath), expected_);
}

TEST_F(Compaction, AnOpenAtTheLimitWaitsForIt) {
  put(700'000);
  for (std::size_t i = 1; i < store::kMaxParts; ++i)
    ASSERT_EQ(change(i), "") << i;
  ASSERT_EQ(parts(), store::kMaxParts);
  channel::Request open = open_in_place();
  open.set_id(77);
  h.forget_answers(channel_);
  h.vault().request(channel_, channel::encode(open).value());
  h.pump();
  EXPECT_FALSE(h.answer_to(channel_)) << "it waits";
  EXPECT_EQ(h.compactors_started, 1);
  const ChannelId worker = compactor();
  ASSERT_EQ(h.ask(worker, joined(std::move(*h.ask(worker, take()))))->reply.code(), 0u);
  auto opened = h.answer_to(channel_);
  ASSERT_TRUE(opened && opened->reply.id() == 77u);
  ASSERT_EQ(write_in(std::move(*opened), 5, contents(10, 9)), "");
  EXPECT_EQ(h.download(channel_, kPath), expected_);
  EXPECT_EQ(parts(), 2u);
}

TEST_F(Compaction, ACompactorThatDiesCostsAPauseAndNobodyWaitsForIt) {
  put(700'000);
  for (std::size_t i = 1; i < store::kMaxParts; ++i)
    ASSERT_EQ(change(i), "") << i;
  h.forget_answers(channel_);
  channel::Request open = open_in_place();
  open.set_id(77);
  h.vault().request(channel_, channel::encode(open).value());
  h.pump();
  for (int deaths = 1; deaths <= 2; ++deaths) {
    EXPECT_EQ(h.compactors_started, deaths);
    EXPECT_FALSE(h.answer_to(channel_)) << "it is tried once more";
    const ChannelId worker = compactor();
    ASSERT_TRUE(h.ask(worker, take())->reply.has_compaction_job());
    h.vault().channel_ended(worker, "signal 31");
    h.pump();
  }
  const auto refused = h.answer_to(channel_);
  ASSERT_TRUE(refused);
  EXPECT_EQ(channel::error_code_from_wire(refused->reply.code()), ErrorCode::kUnsupported);
  EXPECT_NE(refused->reply.message().find("try again"), std::string::npos);
  tick();
  EXPECT_EQ(h.compactors_started, 2);
  EXPECT_EQ(h.download(channel_, kPath), expected_);
  h.clock.advance_ms(61'000);
  h.vault().request(channel_, channel::encode(open).value());
  h.pump();
  EXPECT_EQ(h.compactors_started, 3);
}

TEST_F(Compaction, WhatAHostileCompactorSaysIsNotTaken) {
  put(1'000'000);
  for (std::size_t i = 1; i <= 10; ++i)
    ASSERT_EQ(change(i), "");
  tick();
  const ChannelId worker = compactor();
  auto job = h.ask(worker, take());
  ASSERT_TRUE(job && job->reply.has_compaction_job());
  ASSERT_FALSE(job->descriptors.empty()) << job->reply.message();
  const UniqueFd kept(::fcntl(job->descriptors.back().get(), F_DUPFD_CLOEXEC, 3));
  const auto honest = joined(std::move(*job));
  auto wrong = honest;
  wrong.mutable_report_compaction()->add_kept_part(40);
  EXPECT_NE(h.ask(worker, wrong)->reply.code(), 0u) << "a part that it never had";
  wrong = honest;
  auto description =
      store::VersionDescription::parse(as_bytes(honest.report_compaction().description())).value();
  description.size = 5;
  wrong.mutable_report_compaction()->set_description(to_string(ByteView(description.serialise())));
  EXPECT_NE(h.ask(worker, wrong)->reply.code(), 0u) << "other contents";
  const auto writable = h.ask(worker, honest);
  EXPECT_EQ(channel::error_code_from_wire(writable->reply.code()), ErrorCode::kConflict)
      << "it could still write to the new part";
  EXPECT_EQ(h.count(journal::Entry::kVersionCompacted), 0u);
  EXPECT_EQ(h.download(channel_, kPath), expected_);
  // And there is nothing else that it may ask for.
  channel::Request grant;
  grant.mutable_grant_extents()->set_handle(1);
  grant.mutable_grant_extents()->set_count(1);
  EXPECT_FALSE(h.ask(worker, grant));
  EXPECT_TRUE(h.ended(worker));
}

}  // namespace
}  // namespace bulkhead::vault
