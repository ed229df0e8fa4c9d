#include "channel/client.h"

#include <fmt/format.h>

#include <cstring>

#include "channel/codec.h"

namespace bulkhead::channel {

Result<Message> Client::exchange(const Request& request) {
  BH_TRY(Bytes bytes, encode(request));
  const Status sent = socket_.send(bytes);
  ::explicit_bzero(bytes.data(), bytes.size());  // it may hold a password
  if (!sent) return fail(sent.error());
  return socket_.receive();
}

Result<Reply> Client::call(Request request, std::vector<UniqueFd>* descriptors) {
  if (ended_) return fail(ErrorCode::kDisconnected, "the channel to the vault has ended");
  request.set_id(next_id_++);
  ended_ = true;  // until everything fitted

  auto message = exchange(request);
  if (!message) return fail(message.error());
  Reply reply;
  const Status decoded = decode(message->bytes, reply);
  ::explicit_bzero(message->bytes.data(), message->bytes.size());  // it may hold keys
  BH_CHECK(decoded);
  if (reply.id() != request.id()) {
    return fail(ErrorCode::kInternal, fmt::format("the vault answered request {} instead of {}",
                                                  reply.id(), request.id()));
  }
  if (reply.descriptors() != message->descriptors.size()) {
    return fail(ErrorCode::kInternal,
                fmt::format("the vault announced {} descriptors and sent {}", reply.descriptors(),
                            message->descriptors.size()));
  }
  ended_ = false;
  if (reply.code() != 0) return fail(error_code_from_wire(reply.code()), reply.message());
  if (descriptors != nullptr) *descriptors = std::move(message->descriptors);
  return reply;
}

}  // namespace bulkhead::channel
