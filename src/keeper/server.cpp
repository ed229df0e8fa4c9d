#include "keeper/server.h"

#include <algorithm>

namespace bulkhead::keeper {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

std::size_t put(ByteView value, MutableByteView payload) {
  BH_ASSERT(value.size() <= payload.size());
  std::ranges::copy(value, payload.begin());
  return value.size();
}

}  // namespace

Server::Server(LocalKeeper& keys, const Clock& clock, ServerOptions options)
    : keys_(keys), clock_(clock), options_(std::move(options)) {}

Status Server::run(int socket) {
  Datagram in;
  Datagram out;
  Datagram payload;
  const std::size_t size = encode_greeting({.sealed = keys_.is_sealed(),
                                            .seals = options_.seals,
                                            .unseal_key = keys_.box_key().public_key(),
                                            .warnings = options_.warnings},
                                           payload.whole().first(kMaxReplyPayloadBytes));
  encode(Reply{.payload = ByteView(payload.whole()).first(size)}, out);
  Status status = send(socket, out);
  while (status) {
    if (status = receive(socket, in); !status) break;
    const auto request = decode_request(in.view());
    if (!request) {
      status = fail(request.error());
      break;
    }
    encode(answer(*request, payload), out);
    status = send(socket, out);
    crypto::wipe(out.whole());
    crypto::wipe(payload.whole());
  }
  keys_.forget();
  if (status.error().code == ErrorCode::kDisconnected) return {};
  return status;
}

Reply Server::answer(const Request& request, Datagram& payload) {
  const MutableByteView room = payload.whole().first(kMaxReplyPayloadBytes);
  Reply reply{.number = request.number};
  if (const auto size = handle(request, room)) {
    reply.payload = ByteView(room).first(*size);
  } else {
    reply = error_reply(request.number, size.error());
    // The sentence must outlive this function.
    reply.payload = ByteView(room).first(put(reply.payload, room));
  }
  reply.file_keys_unwrapped = keys_.file_keys_unwrapped();
  return reply;
}

Result<std::size_t> Server::handle(const Request& request, MutableByteView payload) {
  switch (request.type) {
    case RequestType::kCreateSystemKey: {
      BH_TRY(const Bytes wrapped, keys_.create_system_key());
      return put(wrapped, payload);
    }
    case RequestType::kUnwrapSystemKey: {
      BH_TRY(const crypto::AeadKey key, keys_.unwrap_system_key(request.payload));
      return put(key.view(), payload);
    }
    case RequestType::kCreateOrganisationKey: {
      BH_TRY(const Bytes wrapped, keys_.create_organisation_key(request.which));
      return put(wrapped, payload);
    }
    case RequestType::kLoadOrganisationKey:
      BH_CHECK(keys_.load_organisation_key(request.which, request.payload));
      return 0;
    case RequestType::kCreateFileKeys:
      return create_file_keys(request, payload);
    case RequestType::kUnwrapFileKey:
      return unwrap_file_key(request, payload);
    case RequestType::kForget:
      keys_.forget();
      return 0;
    case RequestType::kUnseal:
      BH_CHECK(unseal(request.payload));
      return 0;
    default:
      return change(request, payload);
  }
}

// What keys are changed with.
Result<std::size_t> Server::change(const Request& request, MutableByteView payload) {
  const auto answer = [&](const Result<Bytes>& bytes) -> Result<std::size_t> {
    if (!bytes) return fail(bytes.error());
    return put(*bytes, payload);
  };
  switch (request.type) {
    case RequestType::kDescribeRootKey: {
      BH_TRY(const LocalKeeper::RootKeyFacts facts, keys_.root_key());
      return put(facts.id, payload);
    }
    case RequestType::kAdoptRootKey:
      return answer(keys_.adopt_root_key(request.payload));
    case RequestType::kRewrapSystemKey:
      return answer(keys_.rewrap_system_key(request.payload));
    case RequestType::kRewrapOrganisationKey:
      return answer(keys_.rewrap_organisation_key(request.which, request.payload));
    case RequestType::kSettleRootKey:
      BH_CHECK(keys_.settle_root_key());
      return 0;
    case RequestType::kRewrapFileKey: {
      if (request.payload.size() < kEpochBytes)
        return fail(ErrorCode::kMalformed, "an epoch is missing");
      const vault::KeyEpoch to{request.which.organisation,
                               load_be<std::uint32_t>(request.payload.data())};
      return answer(keys_.rewrap_file_key(request.which, to, request.lineage,
                                          request.payload.subspan(kEpochBytes)));
    }
    case RequestType::kForgetOrganisationKey:
      keys_.forget_organisation_key(request.which);
      return 0;
    default:
      BH_ASSERT(false);
  }
}

Result<std::size_t> Server::create_file_keys(const Request& request, MutableByteView payload) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < kFileKeysAtOnce; ++i) {
    BH_TRY(const LocalKeeper::NewFileKey fresh, keys_.create_file_key(request.which));
    BH_ASSERT(fresh.wrapped.size() == kWrappedKeyBytes);
    size += put(fresh.lineage, payload.subspan(size));
    size += put(fresh.key.view(), payload.subspan(size));
    size += put(fresh.wrapped, payload.subspan(size));
  }
  return size;
}

Result<std::size_t> Server::unwrap_file_key(const Request& request, MutableByteView payload) {
  BH_CHECK(may_unwrap());
  vault::AwaitedFileKey awaited =
      keys_.await_file_key(request.which, request.lineage, request.payload);
  BH_TRY(const vault::FileKey* key, awaited.get());
  return put(key->view(), payload);
}

// What a wrong passphrase costs is what Argon2id costs.
Status Server::unseal(ByteView box) {
  if (!options_.sealed) return fail(ErrorCode::kConflict, "the deployment is not sealed");
  BH_TRY(const crypto::SecretBytes boxed, keys_.box_key().open(box));
  BH_TRY(const UnsealWords words, parse_unseal_words(boxed.view()));
  BH_TRY(crypto::AeadKey root_key,
         options_.sealed->open(words.seal, words.secret, *options_.device));
  std::optional<crypto::AeadKey> next;
  if (options_.sealed_next) {
    BH_TRY(next, options_.sealed_next->open(words.seal, words.secret, *options_.device));
  }
  BH_CHECK(keys_.unseal(std::move(root_key), std::move(next)));
  options_.sealed.reset();
  options_.sealed_next.reset();
  options_.device->end();
  return {};
}

Status Server::may_unwrap() {
  if (options_.unwraps_per_minute == 0) return {};
  const std::int64_t now_ms = clock_.monotonic_ms();
  if (now_ms - minute_began_ms_ >= kMinuteMs) {
    minute_began_ms_ = now_ms;
    unwrapped_this_minute_ = 0;
  }
  if (unwrapped_this_minute_ >= options_.unwraps_per_minute) {
    return fail(ErrorCode::kRefused,
                "the keeper has unwrapped keys.unwraps_per_minute file keys: try again in a "
                "minute");
  }
  ++unwrapped_this_minute_;
  return {};
}

}  // namespace bulkhead::keeper
