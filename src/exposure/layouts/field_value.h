// The value in the bytes of one field.
#pragma once

#include <string>
#include <string_view>

#include "exposure/layouts/record_layout.h"

namespace bulkhead::exposure {

struct DecodedField {
  bool blank = false;                // nothing but blanks, zero bytes or high values
  bool fits = true;                  // the bytes are possible for such a field
  std::string_view text;             // without padding; digits of a number without its sign
  std::uint32_t at = 0, length = 0;  // of the value within the field's bytes
};

// `bytes`: those of the field. `scratch` holds the text where it is not in `bytes` itself: text is
// appended to it, and views into it last until it grows beyond its capacity.
DecodedField decode_field(const LayoutNode& node, FieldUsage usage, std::string_view bytes,
                          CodePage page, std::string& scratch);

// A small count (OCCURS DEPENDING ON). 0 where it is none.
std::uint32_t decode_count(const LayoutNode& node, std::string_view bytes, CodePage page);

}  // namespace bulkhead::exposure
