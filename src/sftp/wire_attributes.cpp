#include "sftp/wire_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <limits>

namespace bulkhead::sftp {
namespace {

std::uint32_t mode_of(const Attributes& attributes) {
  const std::uint32_t type = attributes.kind == Kind::kDirectory ? kModeDirectory : kModeRegular;
  return type | (attributes.permissions & kModePermissions);
}

// Version 3 has 32 bits, which clients take for unsigned.
std::uint32_t wire_time(std::int64_t seconds) {
  constexpr std::int64_t kLatest = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, kLatest));
}

std::string mode_text(const Attributes& attributes) {
  std::string text = attributes.kind == Kind::kDirectory ? "drwxrwxrwx" : "-rwxrwxrwx";
  const std::uint32_t mode = attributes.permissions;
  for (std::size_t bit = 0; bit < 9; ++bit) {
    if ((mode & (0400U >> bit)) == 0) text[bit + 1] = '-';
  }
  const auto special = [&](std::uint32_t flag, std::size_t at, char with, char without) {
    if ((mode & flag) != 0) text[at] = text[at] == 'x' ? with : without;
  };
  special(04000, 3, 's', 'S');
  special(02000, 6, 's', 'S');
  special(01000, 9, 't', 'T');
  return text;
}

// "Nov 24 02:03" within the last half year, "Nov 24  2025" otherwise.
std::string date_text(std::int64_t seconds, UnixMicros now) {
  constexpr std::int64_t kHalfYear = 365LL * 24 * 60 * 60 / 2;
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::time_t time = wire_time(seconds);
  std::tm parts{};
  if (gmtime_r(&time, &parts) == nullptr) return "?";
  const std::string_view month = kMonths.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3);
  const std::int64_t now_s = now / kMicrosPerSecond;
  if (time > now_s - kHalfYear && time <= now_s) {
    return fmt::format("{} {:2} {:02}:{:02}", month, parts.tm_mday, parts.tm_hour, parts.tm_min);
  }
  return fmt::format("{} {:2}  {:4}", month, parts.tm_mday, parts.tm_year + 1900);
}

std::string shown(std::string_view text) {
  std::string result(text);
  std::ranges::replace_if(result, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return result;
}

// Of bounded length, and without the blanks at which programs split the line.
std::string shown_owner(std::string_view name, std::uint32_t number) {
  if (name.empty()) return fmt::format("{}", number);
  std::string result = shown(name.substr(0, 24));
  std::ranges::replace(result, ' ', '_');
  return result;
}

}  // namespace

AttributeChanges read_attributes(PacketReader& in) {
  AttributeChanges changes;
  const std::uint32_t flags = in.u32();
  if ((flags & kAttrSize) != 0) changes.size = in.u64();
  if ((flags & kAttrUidGid) != 0) {
    const std::uint32_t uid = in.u32();
    changes.ownership = {uid, in.u32()};
  }
  if ((flags & kAttrPermissions) != 0) changes.permissions = in.u32() & kModePermissions;
  if ((flags & kAttrAcModTime) != 0) {
    const std::uint32_t accessed = in.u32();
    changes.times = {accessed, in.u32()};
  }
  if ((flags & kAttrExtended) != 0) {
    const std::uint32_t pairs = in.u32();
    for (std::uint32_t i = 0; i < pairs && in.ok(); ++i) {
      in.string();
      in.string();
    }
  }
  return changes;
}

void write_attributes(ReplyWriter& out, const Attributes& attributes) {
  out.u32(kAttrSize | kAttrUidGid | kAttrPermissions | kAttrAcModTime);
  out.u64(attributes.size);
  out.u32(attributes.uid);
  out.u32(attributes.gid);
  out.u32(mode_of(attributes));
  out.u32(wire_time(attributes.accessed_s));
  out.u32(wire_time(attributes.modified_s));
}

void write_no_attributes(ReplyWriter& out) {
  out.u32(0);
}

std::string long_name(std::string_view name, const Attributes& attributes, UnixMicros now) {
  return fmt::format("{} {:>3} {:<8} {:<8} {:>8} {} {}", mode_text(attributes), attributes.links,
                     shown_owner(attributes.owner, attributes.uid),
                     shown_owner(attributes.group, attributes.gid), attributes.size,
                     date_text(attributes.modified_s, now), shown(name));
}

}  // namespace bulkhead::sftp
