#include "https/routes.h"

namespace bulkhead::https {
namespace {

// HEAD is GET without content (RFC 9110 section 9.3.2).
bool is_method(std::string_view row, std::string_view method) {
  return row == method || (row == "GET" && method == "HEAD");
}

// What `below` takes it takes apart itself, queries and fragments, which it refuses, included.
bool is_path(std::string_view row, bool below, std::string_view target) {
  if (!below) return row == target;
  return target.starts_with(row) &&
         (target.size() == row.size() ||
          std::string_view("/?#").find(target[row.size()]) != std::string_view::npos);
}

}  // namespace

std::span<const Connection::Route> Connection::routes() {
  // clang-format off
  static constexpr Route kTable[] = {
      // method    path                    below  login  doing            handler
      {"GET",    "/healthz",              false, false, Doing::kAnswer, &Connection::show_health},
      {"GET",    "/",                     false, false, Doing::kAnswer, &Connection::show_start},
      {"GET",    "/api/v1/openapi.json",  false, false, Doing::kAnswer, &Connection::show_api},
      {"POST",   "/api/v1/session",       false, false, Doing::kForm,   &Connection::begin_log_in},
      {"GET",    "/api/v1/session",       false, true,  Doing::kAnswer, &Connection::show_session},
      {"DELETE", "/api/v1/session",       false, true,  Doing::kAnswer, &Connection::end_session},
      {"GET",    "/api/v1/files",         true,  true,  Doing::kAnswer, &Connection::get_files},
      {"PUT",    "/api/v1/files",         true,  true,  Doing::kUpload, &Connection::begin_upload},
  };
  // clang-format on
  return kTable;
}

const Connection::Route* Connection::find_route(std::string_view method, std::string_view target) {
  for (const Route& row : routes()) {
    if (is_path(row.path, row.below, target) && is_method(row.method, method)) return &row;
  }
  return nullptr;
}

std::string Connection::allowed_methods(std::string_view target) {
  std::string list;
  for (const Route& row : routes()) {
    if (!is_path(row.path, row.below, target)) continue;
    if (!list.empty()) list += ", ";
    list += row.method;
    if (row.method == "GET") list += ", HEAD";
  }
  return list;
}

}  // namespace bulkhead::https
