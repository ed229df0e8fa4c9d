#include "processes/vault/system_key.h"

#include <fmt/format.h>

#include <charconv>

#include "base/fd.h"
#include "proto/journal.pb.h"

namespace bulkhead::processes {
namespace {

constexpr std::size_t kHintBytes = 32;

// 0, the first entry, where there is none or it makes no sense.
std::uint64_t read_hint(const std::string& path, const journal::Journal& journal) {
  const auto contents = read_file(path, kHintBytes);
  if (!contents) return 0;
  const std::string_view text = as_text(*contents);
  std::uint64_t entry = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), entry);
  if (error != std::errc() || text.substr(static_cast<std::size_t>(end - text.data())) != "\n")
    return 0;
  return entry < journal.size() ? entry : 0;
}

Result<std::uint64_t> newest_change(journal::Journal& journal) {
  std::uint64_t newest = 0;
  BH_CHECK(journal.for_each(0, [&](const journal::EntryView& view) -> Status {
    journal::Entry entry;
    if (entry.ParseFromArray(view.entry.data(), static_cast<int>(view.entry.size())) &&
        entry.has_root_key_rotated())
      newest = view.index;
    return {};
  }));
  return newest;
}

Result<Bytes> wrapped_in(journal::Journal& journal, std::uint64_t index) {
  BH_TRY(const Bytes bytes, journal.read(index));
  return vault::wrapped_system_key(bytes);
}

}  // namespace

Result<vault::DeploymentKeys> open_system_key(journal::Journal& journal, vault::KeyKeeper& keeper,
                                              const std::string& hint) {
  BH_TRY(const Bytes bytes, journal.read(0));
  journal::Entry first;
  if (!first.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !first.has_deployment_created()) {
    return fail(ErrorCode::kCorrupt, "the journal does not start with the deployment's creation");
  }
  const auto open_with = [&](const Bytes& wrapped) {
    return vault::open_deployment_keys(keeper, first.deployment_created(), wrapped);
  };
  const std::uint64_t hinted = read_hint(hint, journal);
  if (const auto wrapped = wrapped_in(journal, hinted)) {
    if (auto keys = open_with(*wrapped)) return keys;
  }
  BH_TRY(const std::uint64_t newest, newest_change(journal));
  BH_TRY(const Bytes wrapped, wrapped_in(journal, newest));
  return open_with(wrapped);
}

Status settle_system_key(journal::Journal& journal, vault::KeyKeeper& keeper,
                         vault::Catalogue& catalogue, const std::string& hint) {
  BH_TRY(const auto change, catalogue.root_key_rotation());
  BH_TRY(const Bytes wrapped, wrapped_in(journal, change.entry));
  if (const auto opened = keeper.unwrap_system_key(wrapped); !opened) return fail(opened.error());
  if (read_hint(hint, journal) == change.entry) return {};
  return replace_file(hint, as_bytes(fmt::format("{}\n", change.entry)));
}

}  // namespace bulkhead::processes
