#include "channel/codec.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message_lite.h>
#include <google/protobuf/stubs/logging.h>

#include <cstring>

#include "channel/limits.h"

namespace bulkhead::channel {
namespace {

// SshAuthenticate.public_key, SetAttributes.path.component: three deep at most, and no message
// nests itself.
constexpr int kMaxNesting = 4;

bool parse(ByteView bytes, google::protobuf::MessageLite& message) {
  // What the library thinks of a hostile message is for us to say, not for it to write to stderr.
  static const auto silenced = google::protobuf::SetLogHandler(nullptr);
  static_cast<void>(silenced);
  google::protobuf::io::CodedInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  stream.SetRecursionLimit(kMaxNesting);
  return message.ParseFromCodedStream(&stream) && stream.ConsumedEntireMessage();
}

}  // namespace

Result<Bytes> encode(const google::protobuf::MessageLite& message) {
  const std::size_t size = message.ByteSizeLong();
  // A message without any field set is no bytes, which a datagram cannot carry.
  if (size == 0 || size > kMaxMessageBytes) {
    return fail(ErrorCode::kInternal, fmt::format("a message of {} bytes cannot be sent (1 to {})",
                                                  size, kMaxMessageBytes));
  }
  Bytes bytes(size);
  message.SerializeWithCachedSizesToArray(bytes.data());
  return bytes;
}

Status decode(ByteView bytes, google::protobuf::MessageLite& message) {
  if (bytes.size() > kMaxMessageBytes) {
    return fail(ErrorCode::kLimitExceeded, fmt::format("a message of {} bytes", bytes.size()));
  }
  if (!parse(bytes, message)) return fail(ErrorCode::kMalformed, "a message that does not decode");
  return {};
}

Result<Request> decode_request(ByteView bytes) {
  if (bytes.empty()) return fail(ErrorCode::kMalformed, "an empty request");
  Request request;
  BH_CHECK(decode(bytes, request));
  Bytes again(request.ByteSizeLong());
  bool same = again.size() == bytes.size();
  if (same) {
    request.SerializeWithCachedSizesToArray(again.data());
    same = equal(again, bytes);
    ::explicit_bzero(again.data(), again.size());  // it may hold a password
  }
  if (!same)
    return fail(ErrorCode::kMalformed, "a request that is not encoded in the one allowed way");
  return request;
}

std::uint32_t to_wire(ErrorCode code) {
  return 1 + static_cast<std::uint32_t>(code);
}

ErrorCode error_code_from_wire(std::uint32_t code) {
  if (code == 0 || code > to_wire(ErrorCode::kInternal)) return ErrorCode::kInternal;
  return static_cast<ErrorCode>(code - 1);
}

Reply error_reply(std::uint64_t request_id, const Error& error) {
  Reply reply;
  reply.set_id(request_id);
  reply.set_code(to_wire(error.code));
  reply.set_message(error.message);
  return reply;
}

}  // namespace bulkhead::channel
