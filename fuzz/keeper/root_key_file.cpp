// A root key's file as somebody else may have left it. (Opening one is not tried: that is
// Argon2id.)
#include <cstdint>

#include "keeper/root_key_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const auto file = keeper::RootKeyFile::parse(as_text({data, size}), "f");
  if (file && file->seal() != keeper::Seal::kPassphrase) static_cast<void>(file->open({}));
  return 0;
}
