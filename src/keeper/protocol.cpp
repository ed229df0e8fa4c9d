#include "keeper/protocol.h"

#include <algorithm>

#include "keeper/datagrams.h"

namespace bulkhead::keeper {
namespace {

class Writer {
 public:
  explicit Writer(MutableByteView out) : out_(out) {}
  template <typename T>
  Writer& number(T value) {
    store_be(next(sizeof value).data(), value);
    return *this;
  }
  Writer& bytes(ByteView value) {
    std::ranges::copy(value, next(value.size()).begin());
    return *this;
  }
  std::size_t size() const { return at_; }

 private:
  MutableByteView next(std::size_t size) {
    BH_ASSERT(size <= out_.size() - at_);
    at_ += size;
    return out_.subspan(at_ - size, size);
  }
  MutableByteView out_;
  std::size_t at_ = 0;
};

// The header's size was checked before.
class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}
  template <typename T>
  T number() {
    const T value = load_be<T>(in_.data());
    in_ = in_.subspan(sizeof(T));
    return value;
  }
  ByteView bytes(std::size_t size) {
    const ByteView value = in_.first(size);
    in_ = in_.subspan(size);
    return value;
  }
  ByteView rest() const { return in_; }

 private:
  ByteView in_;
};

std::uint8_t bit_of(Seal seal) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(seal));
}

constexpr std::size_t kGreetingHeaderBytes = 1 + 1 + sizeof(crypto::SealedBoxPublicKey);

constexpr OtherEnd kOtherEnd = {
    .gone = "the other end of the keeper's socket is closed",
    .silent = "the keeper does not answer",
    .makes_no_sense = "vault and keeper do not understand each other",
};

std::unexpected<Error> malformed() {
  return fail(ErrorCode::kMalformed, std::string(kOtherEnd.makes_no_sense));
}

}  // namespace

void encode(const Request& request, Datagram& datagram) {
  BH_ASSERT(request.payload.size() <= kMaxRequestPayloadBytes);
  Writer writer(datagram.whole());
  writer.number(static_cast<std::uint8_t>(request.type))
      .number(request.number)
      .number(request.which.organisation.value)
      .number(request.which.epoch)
      .bytes(request.lineage)
      .number(static_cast<std::uint16_t>(request.payload.size()))
      .bytes(request.payload);
  datagram.resize(writer.size());
}

void encode(const Reply& reply, Datagram& datagram) {
  BH_ASSERT(reply.payload.size() <= kMaxReplyPayloadBytes);
  Writer writer(datagram.whole());
  writer.number(reply.number)
      .number(reply.code)
      .number(reply.file_keys_unwrapped)
      .number(static_cast<std::uint16_t>(reply.payload.size()))
      .bytes(reply.payload);
  datagram.resize(writer.size());
}

Result<Request> decode_request(ByteView bytes) {
  if (bytes.size() < kRequestHeaderBytes || bytes.size() > kMaxRequestBytes) return malformed();
  Reader reader(bytes);
  Request request;
  const auto type = reader.number<std::uint8_t>();
  if (type == 0 || type > static_cast<std::uint8_t>(kLastRequestType)) return malformed();
  request.type = static_cast<RequestType>(type);
  request.number = reader.number<std::uint64_t>();
  request.which.organisation.value = reader.number<std::uint64_t>();
  request.which.epoch = reader.number<std::uint32_t>();
  std::ranges::copy(reader.bytes(request.lineage.size()), request.lineage.begin());
  const auto size = reader.number<std::uint16_t>();
  request.payload = reader.rest();
  if (size != request.payload.size() || request.number == 0) return malformed();
  return request;
}

Result<Reply> decode_reply(ByteView bytes) {
  if (bytes.size() < kReplyHeaderBytes || bytes.size() > kMaxReplyBytes) return malformed();
  Reader reader(bytes);
  Reply reply;
  reply.number = reader.number<std::uint64_t>();
  reply.code = reader.number<std::uint8_t>();
  reply.file_keys_unwrapped = reader.number<std::uint64_t>();
  const auto size = reader.number<std::uint16_t>();
  reply.payload = reader.rest();
  if (size != reply.payload.size()) return malformed();
  return reply;
}

Reply error_reply(std::uint64_t number, const Error& error) {
  Reply reply{.number = number,
              .code = static_cast<std::uint8_t>(1 + static_cast<int>(error.code))};
  reply.payload = as_bytes(std::string_view(error.message).substr(0, kMaxReplyPayloadBytes));
  return reply;
}

Error error_of(const Reply& reply) {
  const int code = reply.code - 1;
  const bool known = code >= 0 && code <= static_cast<int>(ErrorCode::kInternal);
  return {known ? static_cast<ErrorCode>(code) : ErrorCode::kInternal, to_string(reply.payload)};
}

Status send(int socket, const Datagram& datagram) {
  return send_datagram(socket, datagram.view(), kOtherEnd);
}

Status receive(int socket, Datagram& datagram) {
  BH_TRY(const std::size_t size, receive_datagram(socket, datagram.whole(), kOtherEnd));
  datagram.resize(size);
  return {};
}

std::size_t encode_greeting(const Greeting& greeting, MutableByteView payload) {
  std::uint8_t seals = 0;  // a bit for each
  for (const Seal seal : greeting.seals)
    seals |= bit_of(seal);
  Writer writer(payload);
  writer.number(static_cast<std::uint8_t>(greeting.sealed ? 1 : 0))
      .number(seals)
      .bytes(greeting.unseal_key)
      .bytes(as_bytes(greeting.warnings.substr(0, payload.size() - kGreetingHeaderBytes)));
  return writer.size();
}

Result<Greeting> decode_greeting(ByteView payload, std::vector<Seal>& seals) {
  if (payload.size() < kGreetingHeaderBytes || payload[0] > 1) return malformed();
  Reader reader(payload);
  Greeting greeting;
  greeting.sealed = reader.number<std::uint8_t>() == 1;
  auto bits = reader.number<std::uint8_t>();
  seals.clear();
  for (int seal = 1; seal <= static_cast<int>(kLastSeal); ++seal) {
    const auto bit = bit_of(static_cast<Seal>(seal));
    if ((bits & bit) != 0) seals.push_back(static_cast<Seal>(seal));
    bits &= static_cast<std::uint8_t>(~bit);
  }
  if (seals.empty() || bits != 0) return malformed();
  greeting.seals = seals;
  std::ranges::copy(reader.bytes(greeting.unseal_key.size()), greeting.unseal_key.begin());
  greeting.warnings = as_text(reader.rest());
  return greeting;
}

Result<UnsealWords> parse_unseal_words(ByteView words) {
  const std::string_view text = as_text(words);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return UnsealWords{Seal::kPassphrase, words};
  const auto seal = seal_named(text.substr(0, end));
  if (!seal) return fail(ErrorCode::kUnsupported, "the keeper knows no such seal");
  return UnsealWords{*seal, words.subspan(end + 1)};
}

}  // namespace bulkhead::keeper
