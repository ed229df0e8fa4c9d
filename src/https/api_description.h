// The API's description (OpenAPI 3.1), served at /api/v1/openapi.json.
#pragma once

#include <string_view>

namespace bulkhead::https {

extern const std::string_view kApiDescription;

}  // namespace bulkhead::https
