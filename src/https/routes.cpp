#include "https/routes.h"

#include <span>

namespace bulkhead::https {
namespace {

// HEAD is GET without content (RFC 9110 section 9.3.2).
bool is_method(std::string_view row, std::string_view method) {
  return row == method || (row == "GET" && method == "HEAD");
}

bool is_path(std::string_view row, bool below, std::string_view target) {
  if (!below) return row == target;
  return target.starts_with(row) && (target.size() == row.size() || target[row.size()] == '/');
}

}  // namespace

const Connection::Route* Connection::find_route(std::string_view method, std::string_view target,
                                                bool* path_known) {
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
  for (const Route& row : kTable) {
    if (!is_path(row.path, row.below, target)) continue;
    *path_known = true;
    if (is_method(row.method, method)) return &row;
  }
  return nullptr;
}

std::string allowed_methods(std::string_view target) {
  if (target == "/api/v1/session") return "GET, HEAD, POST, DELETE";
  return target.starts_with("/api/v1/files") ? "GET, HEAD, PUT" : "GET, HEAD";
}

}  // namespace bulkhead::https
