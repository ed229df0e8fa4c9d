// The journal as the vault tells it, names opened, a bounded page at a time: neither the vault nor
// this process holds more than one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "cli/administration_client.h"
#include "proto/admin.pb.h"
#include "siem/entry_text.h"

namespace bulkhead::cli {

struct JournalRange {
  std::uint64_t from = 0;
  std::uint64_t most = 0;  // 0: all there were when the reading began
  std::optional<std::int64_t> since_us;
  std::optional<std::int64_t> until_us;
};
// In order; an error of `each` ends the reading and is returned.
Status read_journal(AdministrationClient& client, const JournalRange& range,
                    const std::function<Status(const admin::JournalEntry&)>& each);

// How many entries the journal has.
Result<std::uint64_t> journal_size(AdministrationClient& client);

siem::ShownEntry shown_entry(const admin::JournalEntry& entry);

}  // namespace bulkhead::cli
