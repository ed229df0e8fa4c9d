// A small stored file, for an honest client of this edge: asked for, granted and opened as a
// session does it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/channel.pb.h"

namespace bulkhead::drill {

// "/home/amber/a" -> its components.
channel::Path path_to(std::string_view text);
// Nothing: it is not to be had, or not small enough for its contents to come with the answer.
std::optional<std::string> fetch_small_file(std::string_view path);

}  // namespace bulkhead::drill
