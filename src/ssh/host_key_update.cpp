#include "ssh/host_key_update.h"

#include "sshwire/keys.h"
#include "sshwire/numbers.h"
#include "sshwire/writer.h"

namespace bulkhead::ssh {
namespace {

using sshwire::Writer;

constexpr std::string_view kAnnouncement = "hostkeys-00@openssh.com";
constexpr std::size_t kMaxHostKeys = 16;

}  // namespace

Step announce_host_keys(Transport& transport, const std::vector<Bytes>& blobs) {
  if (blobs.size() < 2) return {};
  Writer message(sshwire::kMsgGlobalRequest);
  message.string(kAnnouncement).boolean(false);
  for (const Bytes& blob : blobs)
    message.string(ByteView(blob));
  return transport.send(message.view());
}

Step prove_host_keys(Transport& transport, Authority& authority, sshwire::Reader& reader) {
  std::vector<Bytes> blobs;
  while (reader.ok() && !reader.at_end() && blobs.size() <= kMaxHostKeys)
    blobs.push_back(to_bytes(reader.string(sshwire::kMaxKeyBlobBytes)));
  const auto failure = [&] { return transport.send(Writer(sshwire::kMsgRequestFailure).view()); };
  if (!reader.ok() || blobs.empty() || blobs.size() > kMaxHostKeys) return failure();
  const auto proofs = authority.prove_host_keys(blobs);
  if (!proofs) return failure();
  Writer message(sshwire::kMsgRequestSuccess);
  for (const Bytes& proof : *proofs)
    message.string(ByteView(proof));
  return transport.send(message.view());
}

}  // namespace bulkhead::ssh
