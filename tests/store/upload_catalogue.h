// A tiny vault for crash tests: names and their versions, rebuilt from the journal.
#pragma once

#include <map>
#include <set>
#include <string>

#include "journal/journal.h"
#include "store/blob_directory.h"
#include "store/store_fixture.h"

namespace bulkhead::store {

struct CatalogueRow {
  VersionDescription description;
  std::vector<BlobId> blobs;
  std::optional<journal::PayloadPosition> inline_box;
};

// Entry: name length 1, name, description, blob ids.
inline Bytes encode_commit(const std::string& name, const VersionDescription& description,
                           const std::vector<BlobId>& blobs) {
  Bytes entry = {static_cast<Byte>(name.size())};
  entry.insert(entry.end(), name.begin(), name.end());
  const Bytes d = description.serialise();
  entry.insert(entry.end(), d.begin(), d.end());
  for (const BlobId& blob : blobs)
    entry.insert(entry.end(), blob.begin(), blob.end());
  return entry;
}

inline Status apply_commit(const journal::EntryView& view,
                           std::map<std::string, CatalogueRow>& rows) {
  const std::size_t name_size = view.entry[0];
  const std::string name = to_string(view.entry.subspan(1, name_size));
  BH_TRY(const auto description,
         VersionDescription::parse(view.entry.subspan(1 + name_size, kDescriptionSize)));
  CatalogueRow row{description, {}, view.payload};
  for (ByteView rest = view.entry.subspan(1 + name_size + kDescriptionSize); !rest.empty();
       rest = rest.subspan(16)) {
    std::copy_n(rest.begin(), 16, row.blobs.emplace_back().begin());
  }
  rows[name] = std::move(row);
  return {};
}

class TinyVault {
 public:
  static Result<TinyVault> open(Disk& disk, const std::string& folder, crypto::Random& random) {
    TinyVault vault;
    BH_TRY(vault.journal,
           journal::Journal::open(disk, folder + "/journal", {.segment_limit_bytes = 20'000}));
    BH_TRY(vault.blobs, BlobDirectory::open(disk, folder + "/blobs", random));
    BH_CHECK(vault.journal->for_each(
        0, [&](const journal::EntryView& view) { return apply_commit(view, vault.rows); }));
    std::set<BlobId> named;
    for (const auto& [name, row] : vault.rows)
      named.insert(row.blobs.begin(), row.blobs.end());
    BH_TRY(const auto present, vault.blobs->list());
    for (const BlobId& blob : present) {
      if (!named.contains(blob)) BH_CHECK(vault.blobs->remove(blob));
    }
    BH_CHECK(vault.blobs->refill(2));
    return vault;
  }

  Result<StoredVersion> version(const std::string& name) {
    const CatalogueRow& row = rows.at(name);
    StoredVersion version{test_lineage(), row.description, {}, {}};
    if (row.inline_box) {
      BH_TRY(version.inline_box, journal->read_payload(*row.inline_box));
    }
    for (const BlobId& blob : row.blobs) {
      BH_TRY(auto file, blobs->open_for_reading(blob));
      version.parts.push_back(std::move(file));
    }
    return version;
  }

  Result<Bytes> contents(const std::string& name, ExtentKeySource& keys) {
    BH_TRY(StoredVersion stored, version(name));
    BH_TRY(BlobReader reader, BlobReader::open(std::move(stored), keys));
    Bytes bytes(reader.size());
    BH_CHECK(reader.read(0, bytes));
    return bytes;
  }

  std::unique_ptr<journal::Journal> journal;
  std::unique_ptr<BlobDirectory> blobs;
  std::map<std::string, CatalogueRow> rows;
};

// One upload in progress, as an edge and the vault would do it together.
struct Upload {
  std::string name;
  BlobId staged{};
  std::vector<BlobId> base_blobs;
  std::optional<BlobWriter> writer;

  static Result<Upload> begin(TinyVault& vault, std::string name, bool on_base,
                              ExtentKeySource& keys, crypto::Random& random) {
    Upload upload;
    upload.name = std::move(name);
    BH_TRY(auto staged, vault.blobs->take());
    upload.staged = staged.blob;
    StagingPart part{staged.blob, std::move(staged.file), 0};
    if (on_base) {
      BH_TRY(StoredVersion base, vault.version(upload.name));
      upload.base_blobs = vault.rows.at(upload.name).blobs;
      part.number = base.description.parts;
      BH_TRY(upload.writer, BlobWriter::on_base(std::move(base), std::move(part), keys, random));
    } else {
      BH_TRY(upload.writer, BlobWriter::create(test_lineage(), std::move(part), keys, random));
    }
    return upload;
  }

  // Up to where the entry can be appended: contents durable, nobody can write to them any more.
  struct Ready {
    Bytes entry;
    Bytes payload;
  };
  Result<Ready> finish(TinyVault& vault,
                       std::vector<std::shared_ptr<DiskFile>>* to_sync = nullptr) {
    BH_TRY(FinishedVersion finished, writer->finish());
    writer.reset();
    std::vector<BlobId> blobs;
    if (finished.description.kind == ContentKind::kMapped) blobs = base_blobs;
    if (finished.staging_used) {
      BH_TRY(auto sealed, vault.blobs->seal(staged));
      if (to_sync != nullptr) {
        to_sync->push_back(sealed);
      } else {
        BH_CHECK(sealed->sync_data());
      }
      blobs.push_back(staged);
    }
    return Ready{encode_commit(name, finished.description, blobs), std::move(finished.inline_box)};
  }
};

}  // namespace bulkhead::store
