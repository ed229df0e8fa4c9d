#include "sshwire/kexinit.h"

#include "sshwire/numbers.h"
#include "sshwire/reader.h"
#include "sshwire/writer.h"

namespace bulkhead::sshwire {

Bytes compose_kexinit(const KexCookie& cookie, const KexinitOffer& offer) {
  auto kex = offered(kex_names(), offer.profile);
  if (offer.first) kex.push_back(kStrictKexServer);
  const auto ciphers = offered(cipher_names(), offer.profile);
  const auto macs = offered(mac_names(), offer.profile);
  const std::array<std::string_view, 1> compression = {"none"};

  Writer writer(kMsgKexinit);
  writer.raw(cookie).name_list(kex).name_list(offer.host_key_algorithms);
  writer.name_list(ciphers).name_list(ciphers);
  writer.name_list(macs).name_list(macs);
  writer.name_list(compression).name_list(compression);
  writer.name_list({}).name_list({});  // languages
  writer.boolean(false);               // first_kex_packet_follows: we never guess
  writer.uint32(0);                    // reserved
  return std::move(writer).take();
}

Result<Kexinit> parse_kexinit(ByteView payload) {
  if (payload.size() > kMaxKexinitBytes)
    return fail(ErrorCode::kLimitExceeded, "KEXINIT is too long");
  Reader reader(payload);
  const Byte message = reader.byte();
  reader.raw(std::tuple_size_v<KexCookie>);
  Kexinit kexinit;
  for (auto& list : kexinit.lists)
    list = reader.name_list();
  kexinit.first_kex_packet_follows = reader.boolean();
  reader.uint32();  // reserved for future extension: whatever it is, it is hashed with the rest
  BH_CHECK(reader.finish("KEXINIT"));
  if (message != kMsgKexinit)
    return fail(ErrorCode::kMalformed, "KEXINIT has another message's number");
  return kexinit;
}

}  // namespace bulkhead::sshwire
