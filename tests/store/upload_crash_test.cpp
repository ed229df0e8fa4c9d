// Uploads with the power cut before every single operation: each name then has its old version or
// its new one, whole, and the new one once the upload was acknowledged.
#include <gtest/gtest.h>

#include "store/compaction.h"
#include "store/upload_catalogue.h"

namespace bulkhead::store {
namespace {

using test::PowerCut;
using test::SimulatedDisk;

// What the client knows: acknowledged contents, and what it was uploading when the lights went out.
struct ClientView {
  std::map<std::string, Bytes> acknowledged;
  std::map<std::string, Bytes> in_flight;
  bool complete = false;
};

class Script {
 public:
  Script(Disk& disk, ClientView& view) : disk_(disk), view_(view) {}

  Status run() {
    BH_TRY(TinyVault vault, TinyVault::open(disk_, "d", random_));
    vault_ = &vault;
    BH_CHECK(put("big", pattern(400'000, 1)));
    BH_CHECK(put("small", pattern(5'000, 2)));
    BH_CHECK(put("big", pattern(250'000, 3)));             // overwritten as a whole
    BH_CHECK(change("big", 250'000, pattern(90'000, 4)));  // appended to
    BH_CHECK(change("big", 100, pattern(50, 5)));          // rewritten in part
    BH_CHECK(change("small", 4'000, pattern(3'000, 6)));
    BH_CHECK(two_writers("both", pattern(200'000, 7), pattern(150'000, 8)));
    BH_CHECK(put("empty", {}));
    BH_CHECK(change("small", 7'000, pattern(100'000, 9)));  // out of the journal, into a blob
    for (std::uint64_t i = 0; i < 4; ++i)
      BH_CHECK(change("big", i * 60'000, pattern(30, 20 + i)));
    BH_CHECK(join_parts("big"));
    BH_CHECK(change("big", 300'000, pattern(90'000, 11)));
    BH_CHECK(put("both", pattern(10, 10)));
    view_.complete = true;
    return {};
  }

 private:
  Status commit(const Upload::Ready& ready, const std::string& name, Bytes contents) {
    view_.in_flight[name] = contents;
    BH_TRY(const auto appended, vault_->journal->append(ready.entry, ready.payload));
    BH_CHECK(vault_->journal->commit());
    view_.acknowledged[name] = std::move(contents);
    view_.in_flight.erase(name);
    return apply_commit({appended.index, ready.entry, appended.payload, 0, {}}, vault_->rows);
  }

  Status put(const std::string& name, const Bytes& contents) {
    BH_TRY(Upload upload, Upload::begin(*vault_, name, false, keys_, random_));
    BH_CHECK(upload.writer->write(0, contents));
    BH_TRY(const auto ready, upload.finish(*vault_));
    return commit(ready, name, contents);
  }

  Status change(const std::string& name, std::uint64_t at, const Bytes& bytes) {
    Bytes contents = view_.acknowledged.at(name);
    contents.resize(std::max<std::size_t>(contents.size(), at + bytes.size()));
    std::ranges::copy(bytes, contents.begin() + static_cast<std::ptrdiff_t>(at));
    BH_TRY(Upload upload, Upload::begin(*vault_, name, true, keys_, random_));
    BH_CHECK(upload.writer->write(at, bytes));
    BH_TRY(const auto ready, upload.finish(*vault_));
    return commit(ready, name, std::move(contents));
  }

  // As compactor and vault do it together: the old parts go once the entry is durable.
  Status join_parts(const std::string& name) {
    BH_TRY(const StoredVersion version, vault_->version(name));
    const std::vector<BlobId> old = vault_->rows.at(name).blobs;
    BH_TRY(auto staged, vault_->blobs->take());
    BH_TRY(const CompactedVersion compacted,
           compact(version, {staged.blob, std::move(staged.file), 0}, 200'000));
    BH_TRY(const auto sealed, vault_->blobs->seal(staged.blob));
    BH_CHECK(sealed->sync_data());
    std::vector<BlobId> blobs;
    for (const unsigned part : compacted.kept_parts)
      blobs.push_back(old[part]);
    blobs.push_back(staged.blob);
    BH_CHECK(commit({encode_commit(name, compacted.description, blobs), {}}, name,
                    view_.acknowledged.at(name)));
    for (const BlobId& blob : old) {
      if (std::ranges::find(blobs, blob) == blobs.end()) BH_CHECK(vault_->blobs->remove(blob));
    }
    return {};
  }

  Status two_writers(const std::string& name, const Bytes& first, const Bytes& second) {
    BH_TRY(Upload a, Upload::begin(*vault_, name, false, keys_, random_));
    BH_TRY(Upload b, Upload::begin(*vault_, name, false, keys_, random_));
    for (std::size_t at = 0; at < std::max(first.size(), second.size()); at += 50'000) {
      if (at < first.size()) BH_CHECK(a.writer->write(at, ByteView(first).subspan(at, 50'000)));
      if (at < second.size()) BH_CHECK(b.writer->write(at, ByteView(second).subspan(at, 50'000)));
    }
    BH_TRY(const auto a_ready, a.finish(*vault_));
    BH_CHECK(commit(a_ready, name, first));
    BH_TRY(const auto b_ready, b.finish(*vault_));
    return commit(b_ready, name, second);
  }

  Disk& disk_;
  ClientView& view_;
  SeededRandom random_{11};
  FileKeySource keys_{test_file_key(), test_lineage()};
  TinyVault* vault_ = nullptr;
};

void check(SimulatedDisk& disk, const ClientView& view, const std::string& where) {
  SeededRandom random(5);
  FileKeySource keys(test_file_key(), test_lineage());
  for (int opened = 0; opened < 2; ++opened) {
    auto vault = TinyVault::open(disk, "d", random);
    ASSERT_TRUE(vault) << where << ": " << vault.error().message;
    for (const auto& [name, contents] : view.acknowledged)
      ASSERT_TRUE(vault->rows.contains(name)) << where << name;
    for (const auto& [name, row] : vault->rows) {
      const auto got = vault->contents(name, keys);
      ASSERT_TRUE(got) << where << " " << name << ": " << got.error().message;
      const auto old_one = view.acknowledged.find(name);
      const auto new_one = view.in_flight.find(name);
      const bool is_old = old_one != view.acknowledged.end() && *got == old_one->second;
      const bool is_new = new_one != view.in_flight.end() && *got == new_one->second;
      ASSERT_TRUE(is_old || is_new) << where << " " << name;
    }
  }
}

TEST(UploadCrash, PowerCutAtEveryOperation) {
  SimulatedDisk counting;
  ClientView whole;
  const Status status = Script(counting, whole).run();
  ASSERT_TRUE(status) << status.error().message;
  ASSERT_TRUE(whole.complete);
  check(counting, whole, "whole");
  int runs = 0;
  for (std::uint64_t n = 0; n <= counting.operations(); ++n) {
    for (const PowerCut how : test::kAllPowerCuts) {
      const bool random = how == PowerCut::kTornPrefix || how == PowerCut::kTornAnything;
      for (std::uint64_t seed = 0; seed < (random ? 4u : 1u); ++seed) {
        SimulatedDisk disk;
        ClientView view;
        disk.cut_power_at(n);
        static_cast<void>(Script(disk, view).run());
        disk.restart(how, seed * 1000 + n);
        check(disk, view,
              "cut at " + std::to_string(n) + ", way " + std::to_string(static_cast<int>(how)) +
                  ", seed " + std::to_string(seed));
        if (::testing::Test::HasFatalFailure()) return;
        ++runs;
      }
    }
  }
  EXPECT_GT(runs, 400);
}

// An upload whose power was cut is found by its records, and what counts of it is right.
TEST(UploadCrash, AnInterruptedUploadIsGoneOnWith) {
  const Bytes contents = pattern(700'000, 3);
  FileKeySource keys(test_file_key(), test_lineage());
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SimulatedDisk disk;
    SeededRandom random(seed);
    auto blobs = BlobDirectory::open(disk, "d/blobs", random);
    ASSERT_TRUE((*blobs)->refill(1));
    auto staged = (*blobs)->take();
    ASSERT_TRUE(staged);
    disk.cut_power_at(1 + seed % 5);
    {
      auto writer =
          BlobWriter::create(test_lineage(), {staged->blob, staged->file, 0}, keys, random);
      for (std::size_t at = 0; at < contents.size(); at += 70'000) {
        if (!writer->write(at, ByteView(contents).subspan(at, 70'000))) break;
        if (!writer->flush()) break;
        if (at % 210'000 == 0 && !staged->file->sync_data()) break;
      }
    }
    disk.restart(seed % 2 == 0 ? PowerCut::kTornAnything : PowerCut::kTornPrefix, seed);
    auto file = (*blobs)->open_for_writing(staged->blob);
    ASSERT_TRUE(file);
    auto resumed = BlobWriter::resume_scanned(
        test_lineage(), std::nullopt, {staged->blob, *file, 0}, ScanDepth::kContents, keys, random);
    ASSERT_TRUE(resumed) << resumed.error().message;
    const std::uint64_t size = resumed->size();
    ASSERT_LE(size, contents.size());
    Bytes got(size);
    ASSERT_TRUE(resumed->read(0, got));
    ASSERT_TRUE(std::equal(got.begin(), got.end(), contents.begin())) << seed;
    ASSERT_TRUE(resumed->write(size, ByteView(contents).subspan(size)));
    const auto finished = resumed->finish();
    ASSERT_TRUE(finished);
    auto reader = BlobReader::open({test_lineage(), finished->description, {}, {*file}}, keys);
    ASSERT_TRUE(reader);
    Bytes all(contents.size());
    ASSERT_TRUE(reader->read(0, all));
    ASSERT_EQ(all, contents);
  }
}

}  // namespace
}  // namespace bulkhead::store
