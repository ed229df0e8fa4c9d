#include "sftp/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "sftp/reply_writer.h"
#include "sftp/request_tables.h"
#include "sftp/wire_attributes.h"

namespace bulkhead::sftp {

Session::Session(FileSystem& file_system, ReplySink& sink, const Clock& clock)
    : file_system_(file_system), sink_(sink), clock_(clock), home_(file_system.home()) {}

Status Session::on_packet(ByteView packet) {
  PacketReader in(packet);
  const auto type = static_cast<PacketType>(in.u8());
  if (type == PacketType::kInit) return on_init(in);
  if (!initialised_) {
    return fail(ErrorCode::kMalformed,
                fmt::format("SFTP packet of type {} before SSH_FXP_INIT.", packet.front()));
  }
  const std::uint32_t id = in.u32();
  const auto requests = RequestTables::requests();
  const auto request = std::ranges::find(requests, type, &Request::type);
  if (request == requests.end()) {
    send_status(id, {StatusCode::kOpUnsupported,
                     fmt::format("SFTP version 3 has no request of type {}.", packet.front())});
    return {};
  }
  return finish(id, in, request->name, (this->*request->handler)(id, in));
}

// Section 4. The extension pairs that a client may send along mean nothing to us.
Status Session::on_init(PacketReader in) {
  const std::uint32_t version = in.u32();
  if (initialised_) return fail(ErrorCode::kMalformed, "A second SSH_FXP_INIT.");
  if (version < kProtocolVersion) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("The client speaks SFTP version {} at most; 3 is needed.", version));
  }
  initialised_ = true;
  // VERSION has its number where other replies have their id.
  ReplyWriter out(sink_, PacketType::kVersion, kProtocolVersion, 1024);
  for (const Extension& extension : RequestTables::extensions()) {
    if (extension.data.empty()) continue;
    out.text(extension.name);
    out.text(extension.data);
  }
  out.send();
  return {};
}

// A packet whose fields do not fit it says that the two sides no longer agree on what is sent: the
// reply tells the client which request it was, and the session ends.
Status Session::finish(std::uint32_t id, const PacketReader& in, std::string_view name,
                       const Result<Answer>& answer) {
  if (!in.ok()) {
    Error error(ErrorCode::kMalformed, fmt::format("{} ends in the middle of its fields.", name));
    send_status(id, status_of(error));
    return fail(std::move(error));
  }
  if (!answer) {
    send_status(id, status_of(answer.error()));
  } else if (*answer == Answer::kOk) {
    send_status(id, status_of(Status{}));
  }
  return {};
}

Status Session::complete(const PacketReader& in) {
  if (in.ok()) return {};
  return fail(ErrorCode::kMalformed,
              "A field is missing.");  // finish() has the sentence for the client
}

Result<Answer> Session::on_unsupported_link(std::uint32_t /*id*/, PacketReader& /*in*/) {
  return fail(ErrorCode::kUnsupported, "This server has no links.");
}

Result<Answer> Session::on_extended(std::uint32_t id, PacketReader& in) {
  const std::string_view name = in.text();
  BH_CHECK(complete(in));
  const auto extensions = RequestTables::extensions();
  const auto extension = std::ranges::find(extensions, name, &Extension::name);
  if (extension == extensions.end()) {
    return fail(ErrorCode::kUnsupported, "This server does not have that extension.");
  }
  return (this->*extension->handler)(id, in);
}

void Session::resume() {
  if (auto* copy = std::get_if<CopyData>(&under_way_)) {
    const auto status = copy->step();
    if (!status) return;
    send_status(under_way_id_, *status);
  } else if (auto* check = std::get_if<CheckFile>(&under_way_)) {
    const auto done = check->step();
    if (done && !*done) return;
    done ? send_hashes(*check) : send_status(under_way_id_, status_of(done.error()));
  }
  under_way_ = std::monostate{};
}

void Session::send_status(std::uint32_t id, const StatusReply& status) {
  ReplyWriter out(sink_, PacketType::kStatus, id, 4 + 4 + status.text.size() + 4 + 2);
  out.u32(static_cast<std::uint32_t>(status.code));
  out.text(status.text);
  out.text("en");
  out.send();
}

// One name, as REALPATH answers: "dummy" attributes (section 6.11).
void Session::send_name(std::uint32_t id, std::string_view name) {
  ReplyWriter out(sink_, PacketType::kName, id, 4 + 2 * (4 + name.size()) + 4);
  out.u32(1);
  out.text(name);
  out.text(name);
  write_no_attributes(out);
  out.send();
}

void Session::send_attributes(std::uint32_t id, const Attributes& attributes) {
  ReplyWriter out(sink_, PacketType::kAttrs, id, kAttributesBytes);
  write_attributes(out, attributes);
  out.send();
}

void Session::send_handle(std::uint32_t id, const HandleTable::Handle& handle) {
  ReplyWriter out(sink_, PacketType::kHandle, id, 4 + handle.size());
  out.string(handle);
  out.send();
}

}  // namespace bulkhead::sftp
