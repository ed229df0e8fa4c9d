// Journal entries made by hand, for the tests of the catalogue. Names and keys are counted up, not
// real.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/journal.pb.h"
#include "vault/catalogue/catalogue.h"

namespace bulkhead::vault::test {

constexpr UnixMicros kStart = 1'700'000'000LL * kMicrosPerSecond;
constexpr UnixMicros kHour = 3600LL * kMicrosPerSecond;

// Stands for the keyed hash of a name: different for different names.
NameHash hash_of_name(std::string_view name);
void seal(std::string_view name, journal::Sealed* out);
Bytes box_of_name(std::string_view name);
LineageId lineage_number(std::uint64_t number);
std::string lineage_bytes(std::uint64_t number);

// An entry, and where the journal would have put its payload.
struct Recorded {
  journal::Entry entry;
  std::optional<journal::PayloadPosition> payload;
};

journal::Entry entry_at(UnixMicros at, std::uint64_t channel = 0);

struct NewUpload {
  std::uint64_t id = 0;
  std::uint64_t parent = kRootNode.value;
  std::string name;
  std::uint64_t user = 1;
  std::uint64_t organisation = 1;
  std::uint64_t lineage = 0;
  bool new_lineage = true;
  std::uint64_t base_version = 0;
  std::string staging_blob;
};

// Applies entries to a catalogue in order and keeps them, as the journal does. Each call asserts
// that it was taken.
class Story {
 public:
  explicit Story(Catalogue& catalogue) : catalogue_(&catalogue) {}

  UnixMicros now = kStart;
  std::uint64_t channel = 0;

  Status try_apply(journal::Entry entry,
                   std::optional<journal::PayloadPosition> payload = std::nullopt);
  void apply(journal::Entry entry, std::optional<journal::PayloadPosition> payload = std::nullopt);
  journal::Entry entry() const { return entry_at(now, channel); }

  // The root, organisation 1 "acme", user 1 "ada" whose home is the root.
  void begin();
  void organisation(std::uint64_t id, std::string_view name);
  void user(std::uint64_t id, std::string_view name, std::uint64_t organisation = 1);
  void folder(std::uint64_t id, std::string_view name, std::uint64_t parent = kRootNode.value);
  void remove(std::uint64_t node);
  void rename(std::uint64_t node, std::uint64_t parent, std::string_view name,
              std::uint64_t replaced = 0);
  void rights(std::uint64_t node, std::uint64_t user, std::uint32_t bits);
  void open_session(std::uint64_t on_channel, std::uint64_t user);
  void start_upload(const NewUpload& upload);
  void commit_upload(std::uint64_t upload, std::uint64_t version, std::uint64_t node,
                     std::uint64_t size, std::vector<std::string> parts = {},
                     bool is_inline = false);
  // Both in one; upload and lineage have the version's number.
  void put(std::uint64_t version, std::uint64_t node, std::string_view name, std::uint64_t size,
           std::uint64_t user = 1);
  void release(std::uint64_t user, std::uint64_t version, std::uint64_t bytes,
               journal::ReleasePurpose purpose = journal::READING, std::uint32_t extents = 1);
  void analysed(std::uint64_t version, std::string findings_blob = "");

  const std::vector<Recorded>& recorded() const { return recorded_; }

 private:
  Catalogue* catalogue_;
  std::vector<Recorded> recorded_;
};

// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "bulkhead-catalogue-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

std::unique_ptr<Catalogue> open_or_die(const std::string& path);

// Every row of every table of a catalogue that nobody has open, as text; equal for equal contents.
std::string dump(const std::string& path);

template <typename T>
T value_of(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message;
    std::abort();
  }
  return std::move(*result);
}

class CatalogueTest : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  std::string path = folder.file("catalogue.db");
  std::unique_ptr<Catalogue> catalogue = open_or_die(path);
  Story story{*catalogue};
};

}  // namespace bulkhead::vault::test
