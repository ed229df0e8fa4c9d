// Requests that name a path, and listings: draft sections 6.5 to 6.9, 6.11.
#include "sftp/limits.h"
#include "sftp/reply_writer.h"
#include "sftp/session.h"
#include "sftp/wire_attributes.h"

namespace bulkhead::sftp {

// STAT and LSTAT: there are no links.
Result<Answer> Session::on_stat(std::uint32_t id, PacketReader& in) {
  const std::string_view name = in.text();
  BH_CHECK(complete(in));
  BH_TRY(const Path where, path(name));
  BH_TRY(const Attributes attributes, file_system_.stat(where));
  send_attributes(id, attributes);
  return Answer::kSent;
}

// SETSTAT and lsetstat@openssh.com.
Result<Answer> Session::on_setstat(std::uint32_t /*id*/, PacketReader& in) {
  const std::string_view name = in.text();
  const AttributeChanges changes = read_attributes(in);
  BH_CHECK(complete(in));
  BH_TRY(const Path where, path(name));
  if (changes.size > kMaxFileOffset)
    return fail(ErrorCode::kInvalidArgument, "No file can be that large.");
  if (changes.empty()) {
    BH_CHECK(file_system_.stat(where));
  } else {
    BH_CHECK(file_system_.set_attributes(where, changes));
  }
  return Answer::kOk;
}

Result<Answer> Session::on_remove(std::uint32_t /*id*/, PacketReader& in) {
  const std::string_view name = in.text();
  BH_CHECK(complete(in));
  BH_TRY(const Path where, path(name));
  BH_CHECK(file_system_.remove(where));
  return Answer::kOk;
}

Result<Answer> Session::on_mkdir(std::uint32_t /*id*/, PacketReader& in) {
  const std::string_view name = in.text();
  const AttributeChanges attributes = read_attributes(in);
  BH_CHECK(complete(in));
  BH_TRY(const Path where, path(name));
  BH_CHECK(file_system_.make_directory(where, attributes.permissions));
  return Answer::kOk;
}

Result<Answer> Session::on_rmdir(std::uint32_t /*id*/, PacketReader& in) {
  const std::string_view name = in.text();
  BH_CHECK(complete(in));
  BH_TRY(const Path where, path(name));
  BH_CHECK(file_system_.remove_directory(where));
  return Answer::kOk;
}

// Lexical, so that it also answers for what is not there: clients ask it before they upload.
Result<Answer> Session::on_realpath(std::uint32_t id, PacketReader& in) {
  const std::string_view name = in.text();
  BH_CHECK(complete(in));
  BH_TRY(const Path where, path(name));
  send_name(id, where.text());
  return Answer::kSent;
}

// Section 6.5: "It is an error if there already exists a file with the name specified by newpath".
Result<Answer> Session::on_rename(std::uint32_t /*id*/, PacketReader& in) {
  return rename(in, false);
}

Result<Answer> Session::rename(PacketReader& in, bool replace) {
  const std::string_view old_name = in.text();
  const std::string_view new_name = in.text();
  BH_CHECK(complete(in));
  BH_TRY(const Path from, path(old_name));
  BH_TRY(const Path to, path(new_name));
  BH_CHECK(file_system_.rename(from, to, replace));
  return Answer::kOk;
}

Result<Answer> Session::on_opendir(std::uint32_t id, PacketReader& in) {
  const std::string_view name = in.text();
  BH_CHECK(complete(in));
  BH_TRY(const Path where, path(name));
  BH_CHECK(handles_.check_room_for_directory());
  BH_TRY(auto directory, file_system_.open_directory(where));
  send_handle(id, handles_.add(OpenDirectory{std::move(directory), {}, 0}));
  return Answer::kSent;
}

Result<Answer> Session::on_readdir(std::uint32_t id, PacketReader& in) {
  const ByteView handle = in.string();
  BH_CHECK(complete(in));
  OpenDirectory* listing = handles_.directory(handle);
  if (listing == nullptr)
    return fail(ErrorCode::kConflict, "That handle is not of an open folder.");
  if (listing->next_waiting == listing->waiting.size()) {
    listing->waiting.clear();
    listing->next_waiting = 0;
    BH_CHECK(listing->directory->next(listing->waiting, kDirectoryBatchEntries));
  }
  if (listing->waiting.empty()) {
    send_status(id, {StatusCode::kEof, "No more entries."});
  } else {
    send_entries(id, *listing);
  }
  return Answer::kSent;
}

// As many of the waiting entries as fit into one reply; the others wait for the next READDIR.
void Session::send_entries(std::uint32_t id, OpenDirectory& listing) {
  ReplyWriter out(sink_, PacketType::kName, id, kMaxNameReplyBytes - ReplyWriter::kHeaderBytes);
  const std::size_t count_at = out.u32_later();
  const UnixMicros now = clock_.now();
  std::uint32_t count = 0;
  for (; listing.next_waiting < listing.waiting.size(); ++listing.next_waiting, ++count) {
    const DirectoryEntry& entry = listing.waiting[listing.next_waiting];
    const std::string line = long_name(entry.name, entry.attributes, now);
    BH_ASSERT(entry.name.size() <= kMaxNameBytes && line.size() <= kMaxLongNameBytes);
    if (4 + entry.name.size() + 4 + line.size() + kAttributesBytes > out.room()) break;
    out.text(entry.name);
    out.text(line);
    write_attributes(out, entry.attributes);
  }
  out.set_u32(count_at, count);
  out.send();
}

}  // namespace bulkhead::sftp
