// The name of a token's key, and other words of seals, as they stand in a command or in a root
// key's file that somebody changed.
#include "keeper/pkcs11_uri.h"

#include <cstdint>

#include "keeper/seal_slot.h"
#include "keeper/tpm_seal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const std::string_view text = as_text({data, size});
  if (const auto uri = keeper::parse_pkcs11_uri(text)) {
    const std::size_t names = uri->token.value_or("").size() + uri->serial.value_or("").size() +
                              uri->object.value_or("").size() + uri->id.value_or(Bytes()).size();
    BH_ASSERT(names <= size);
  }
  if (const auto pcrs = keeper::parse_pcrs(text)) BH_ASSERT(pcrs->size() <= 24);
  if (const auto fields = keeper::from_lines(text)) {
    const auto again = keeper::from_lines(keeper::to_lines(*fields));
    BH_ASSERT(again && *again == *fields);
  }
  return 0;
}
