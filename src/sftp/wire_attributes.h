// ATTRS (draft section 5), and the line of `ls -l` that goes with it in listings.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "sftp/file_system.h"
#include "sftp/packet_reader.h"
#include "sftp/reply_writer.h"

namespace bulkhead::sftp {

constexpr std::size_t kAttributesBytes = 4 + 8 + 4 + 4 + 4 + 4 + 4;  // as written by us
constexpr std::size_t kMaxLongNameBytes = 128 + kMaxNameBytes;

// Extended pairs and flags that version 3 does not have are read over: nothing that we offer is in
// them. The reader's ok() says whether it all was there.
AttributeChanges read_attributes(PacketReader& in);

void write_attributes(ReplyWriter& out, const Attributes& attributes);
void write_no_attributes(ReplyWriter& out);

// "-rw-r-----    1 anna     acme         1234 Nov 24 02:03 name", in UTC (draft section 7 wants
// this form). Control characters, with which a name could forge further lines, are shown as '?'.
std::string long_name(std::string_view name, const Attributes& attributes, UnixMicros now);

}  // namespace bulkhead::sftp
