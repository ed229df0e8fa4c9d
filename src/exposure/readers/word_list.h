// Lists of codes in the tables of formats: words between single spaces.
#pragma once

#include <string_view>

namespace bulkhead::exposure {

// Exactly one of them.
constexpr bool is_listed(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = list.find(' ');
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return false;
}

}  // namespace bulkhead::exposure
