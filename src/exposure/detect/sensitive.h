// Which codes say something that some laws protect more. Tables, not judgement.
#pragma once

#include <string_view>

#include "exposure/detect/element.h"

namespace bulkhead::exposure {

enum class CodeSystem { kIcd9, kIcd10, kAnyIcd, kProcedure };

// `code` with or without its dot, either case.
SensitivitySet sensitivity_of(CodeSystem system, std::string_view code);

}  // namespace bulkhead::exposure
