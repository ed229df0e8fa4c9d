#include "sshwire/userauth.h"

#include "sshwire/numbers.h"
#include "sshwire/writer.h"

namespace bulkhead::sshwire {

Bytes userauth_signed_data(ByteView session_id, std::string_view user, std::string_view service,
                           std::string_view algorithm, ByteView key_blob) {
  Writer writer;
  writer.string(session_id).byte(kMsgUserauthRequest).string(user).string(service);
  writer.string(std::string_view("publickey")).boolean(true).string(algorithm).string(key_blob);
  return std::move(writer).take();
}

}  // namespace bulkhead::sshwire
