#include "cli/member.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bulkhead::cli {
namespace {

constexpr std::array<std::string_view, 4> kRights = {"read", "write", "list", "delete"};

std::unexpected<Error> misfit(std::string_view text, std::string_view why) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("--member {} {}: write NAME:RIGHTS with any of read,write,list,delete",
                          text, why));
}

}  // namespace

Result<FolderMember> read_member(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return misfit(text, "names no rights");
  if (colon == 0) return misfit(text, "names no user");
  std::array<bool, kRights.size()> wanted{};
  std::string_view rest = text.substr(colon + 1);
  while (true) {
    const std::size_t comma = rest.find(',');
    const auto right = std::ranges::find(kRights, rest.substr(0, comma));
    if (right == kRights.end())
      return misfit(text, fmt::format("has no right called \"{}\"", rest.substr(0, comma)));
    wanted[static_cast<std::size_t>(right - kRights.begin())] = true;
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  FolderMember member{std::string(text.substr(0, colon)), ""};
  for (std::size_t i = 0; i < kRights.size(); ++i) {
    if (!wanted[i]) continue;
    if (!member.rights.empty()) member.rights += ',';
    member.rights += kRights[i];
  }
  return member;
}

}  // namespace bulkhead::cli
