#include "cli/session_id.h"

#include <fmt/format.h>

#include <charconv>

namespace bulkhead::cli {

std::string show_session(std::uint64_t channel) {
  return fmt::format("s-{}", channel);
}

Result<std::uint64_t> read_session(std::string_view text) {
  const std::string_view digits = text.starts_with("s-") ? text.substr(2) : text;
  std::uint64_t channel = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), channel);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() ||
      channel == 0) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{} is not a session: write it as `bulkhead transfers` shows it, such as s-12",
                    text));
  }
  return channel;
}

}  // namespace bulkhead::cli
