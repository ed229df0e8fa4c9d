// Messages to bytes and back, with bounds; and what a Request may look like at all.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"
#include "proto/channel.pb.h"

namespace google::protobuf {
class MessageLite;
}

namespace bulkhead::channel {

// kInternal when the message is larger than kMaxMessageBytes: a bound inside it was forgotten.
Result<Bytes> encode(const google::protobuf::MessageLite& message);

// For bytes from a peer that is trusted (the vault for an edge, vault and supervisor for each
// other). kMalformed.
Status decode(ByteView bytes, google::protobuf::MessageLite& message);

// For bytes from an edge. Accepts only the encoding that encode() makes: fields in order, nothing
// said twice, no padding; so that there is one reading of a message. (A field that is not known, at
// the end of a message, is not seen by anybody.) kMalformed, kLimitExceeded.
Result<Request> decode_request(ByteView bytes);

// The bounds of limits.h and what every message must have, whatever the phase: paths are clean,
// counts and sizes are in range, required parts are there. Call before any handler. kMalformed,
// kLimitExceeded; the sentence names the field, never its contents.
Status validate(const Request& request);

// Reply.code: 0 is done, otherwise 1 + ErrorCode. A number that means nothing reads as kInternal.
std::uint32_t to_wire(ErrorCode code);
ErrorCode error_code_from_wire(std::uint32_t code);

// The Reply that tells `error`.
Reply error_reply(std::uint64_t request_id, const Error& error);

}  // namespace bulkhead::channel
