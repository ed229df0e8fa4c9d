// User certificates, and the lists of networks in them.
#include "sshwire/certificates.h"
#include "base/address_list.h"

#include "base/error.h"
#include "sshwire/keys.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  const ByteView input(data, size);
  if (const auto certificate = sshwire::parse_certificate(input)) {
    // There is one way to write it, and the key in it is one on its own.
    BH_ASSERT(equal(sshwire::certificate_blob(*certificate), input));
    const Bytes key = sshwire::certified_key(*certificate);
    BH_ASSERT(sshwire::parse_public_key(key));
    const auto authority = sshwire::parse_public_key(certificate->authority_key);
    const auto algorithm = sshwire::signature_algorithm(certificate->signature);
    if (authority) {
      sshwire::verify_signature(algorithm, *authority,
                                sshwire::certificate_signed_part(*certificate),
                                certificate->signature);
    }
    for (const auto& option : certificate->critical_options) {
      if (option.data.size() > 4)
        (void)address_in_list("192.0.2.1", as_text(option.data).substr(4));
    }
  }
  (void)address_in_list("2001:db8::1", as_text(input));
  return 0;
}
