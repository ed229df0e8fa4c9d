#include "drill/stage/taken_edge.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <utility>

#include "drill/wire/bytes.h"
#include "drill/wire/stream.h"

namespace bulkhead::drill {
namespace {

constexpr int kSilenceSeconds = 30;
constexpr std::size_t kArguments = 6;
constexpr std::size_t kShellOutputBytes = 1 << 20;

}  // namespace

int connect_to(Stage& stage, Door door) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(stage.port(door));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{kSilenceSeconds, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return socket;
  ::close(socket);
  throw Interrupted("the throw-away server does not take connections");
}

TakenEdge::TakenEdge(Stage& stage, Door door) : TakenEdge(stage, connect_to(stage, door)) {}

TakenEdge::TakenEdge(Stage& stage, int socket)
    : stage_(&stage), socket_(socket), stream_(stage.next_stream()) {
  alive_ = write_all(socket_, kMagic);
}

TakenEdge::TakenEdge(TakenEdge&& other) noexcept
    : stage_(other.stage_),
      socket_(std::exchange(other.socket_, -1)),
      stream_(other.stream_),
      alive_(other.alive_),
      next_request_(other.next_request_) {}

TakenEdge::~TakenEdge() {
  if (socket_ >= 0) ::close(socket_);
}

std::optional<std::string> TakenEdge::order(std::string_view frame) {
  if (!alive_) return std::nullopt;
  auto answer = write_frame(socket_, frame) ? read_frame(socket_) : std::nullopt;
  alive_ = answer.has_value();
  if (answer) stage_->observer().saw(stream_, *answer);
  return answer;
}

std::optional<TakenEdge::Reply> TakenEdge::send_raw(std::string_view datagram,
                                                    bool with_descriptor) {
  std::string frame;
  put_u8(frame, static_cast<std::uint8_t>(Order::kChannel));
  put_u8(frame, with_descriptor ? 1 : 0);
  put_string(frame, datagram);
  const auto answer = order(frame);
  if (!answer) return std::nullopt;
  Reader reader(*answer);
  if (static_cast<Heard>(reader.u8()) == Heard::kEnded) return std::nullopt;
  Reply reply;
  for (std::uint32_t count = reader.u32(); count > 0; --count)
    reply.descriptors.push_back(static_cast<int>(reader.u32()));
  const std::string_view message = reader.string();
  if (!reply.message.ParseFromArray(message.data(), static_cast<int>(message.size())))
    throw Interrupted("the vault's reply does not parse");
  return reply;
}

std::optional<TakenEdge::Reply> TakenEdge::ask(const channel::Request& request) {
  channel::Request numbered = request;
  numbered.set_id(next_request_++);
  return send_raw(numbered.SerializeAsString());
}

std::optional<TakenEdge::Result> TakenEdge::system_call(long number,
                                                        std::vector<Argument> arguments) {
  arguments.resize(kArguments, std::uint64_t{0});
  std::string frame;
  put_u8(frame, static_cast<std::uint8_t>(Order::kSystemCall));
  put_u32(frame, static_cast<std::uint32_t>(number));
  std::size_t buffers = 0;
  for (const Argument& argument : arguments) {
    const std::string* buffer = std::get_if<std::string>(&argument);
    put_u8(frame, buffer != nullptr ? 1 : 0);
    buffer != nullptr ? put_string(frame, *buffer) : put_u64(frame, std::get<0>(argument));
    buffers += buffer != nullptr ? 1 : 0;
  }
  const auto answer = order(frame);
  if (!answer) return std::nullopt;
  Reader reader(*answer);
  Result result{.value = static_cast<std::int64_t>(reader.u64()), .buffers = {}};
  for (; buffers > 0; --buffers)
    result.buffers.emplace_back(reader.string());
  return result;
}

std::optional<std::string> TakenEdge::shell(const std::string& command) {
  std::string frame;
  put_u8(frame, static_cast<std::uint8_t>(Order::kShell));
  put_string(frame, command);
  if (!alive_ || !write_frame(socket_, frame)) return std::nullopt;
  std::string said;
  while (said.size() < kShellOutputBytes) {
    const auto byte = read_exactly(socket_, 1);
    if (!byte) break;
    said += *byte;
  }
  stage_->observer().saw(stream_, said);
  alive_ = !said.empty();  // as another program
  if (!alive_) return std::nullopt;
  return said;
}

std::optional<std::string> TakenEdge::open_box(std::string_view key, std::string_view nonce,
                                               std::string_view associated,
                                               const std::variant<std::string, Place>& box) {
  std::string frame;
  put_u8(frame, static_cast<std::uint8_t>(Order::kOpenBox));
  for (const std::string_view part : {key, nonce, associated})
    put_string(frame, part);
  if (const auto* place = std::get_if<Place>(&box)) {
    put_u8(frame, 1);
    put_u32(frame, static_cast<std::uint32_t>(place->descriptor));
    put_u64(frame, place->offset);
    put_u32(frame, place->length);
  } else {
    put_u8(frame, 0);
    put_string(frame, std::get<std::string>(box));
  }
  const auto answer = order(frame);
  if (!answer) return std::nullopt;
  Reader reader(*answer);
  if (reader.u8() != 1) return std::nullopt;
  return std::string(reader.string());
}

std::vector<std::string> TakenEdge::memory() {
  std::string frame;
  put_u8(frame, static_cast<std::uint8_t>(Order::kMemory));
  const auto answer = order(frame);
  if (!answer) throw Interrupted("the taken edge is gone");
  std::vector<std::string> seen;
  for (Reader reader(*answer); !reader.rest().empty();)
    seen.emplace_back(reader.string());
  return seen;
}

std::optional<TakenEdge::Where> TakenEdge::where() {
  std::string frame;
  put_u8(frame, static_cast<std::uint8_t>(Order::kWhere));
  const auto answer = order(frame);
  if (!answer) return std::nullopt;
  Reader reader(*answer);
  Where where;
  where.address = reader.u64();
  where.length = reader.u64();
  where.pid = reader.u32();
  return where;
}

}  // namespace bulkhead::drill
