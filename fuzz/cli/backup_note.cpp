// The note of a backup, which comes from another disk.
#include "cli/backup_note.h"

#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const auto note = cli::parse_backup_note(as_text({data, size}));
  if (!note) return 0;
  const auto again = cli::parse_backup_note(cli::encode(*note));
  if (!again || *again != *note) std::abort();
  return 0;
}
