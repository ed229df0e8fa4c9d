// Key blobs, signature blobs, lines of authorized_keys.
#include "sshwire/keys.h"
#include "base/error.h"
#include "sshwire/names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  if (size < 2) return 0;
  const std::size_t split = std::min<std::size_t>(load_be<std::uint16_t>(data), size - 2);
  const ByteView blob(data + 2, split);
  const ByteView signature(data + 2 + split, size - 2 - split);
  if (const auto key = sshwire::parse_public_key(blob)) {
    BH_ASSERT(sshwire::public_key_type(blob));
    const auto type = *sshwire::public_key_type(blob);
    const std::string line = std::string(type) + " " + to_base64(blob) + " x";
    const auto read = sshwire::parse_authorized_key_line(line);
    BH_ASSERT(read && equal(read->blob, blob));
    for (const auto& row : sshwire::signature_names()) {
      sshwire::verify_signature(row.name, *key, as_bytes("message"), signature);
    }
  }
  (void)sshwire::parse_authorized_key_line(as_text({data, size}));
  return 0;
}
