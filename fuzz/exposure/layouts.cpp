// Copybooks and layouts from anybody, and records of any bytes under some of them.
#include <string>

#include "exposure/layouts/yaml_subset.h"
#include "harness.h"

namespace {

using namespace bulkhead;
using namespace bulkhead::exposure;

const Rules& rules() {
  static const Rules all = default_rules();
  return all;
}

std::vector<LayoutPtr> known_layouts() {
  std::vector<LayoutPtr> layouts;
  for (const char* text : {
           "01 R.\n05 T PIC X.\n05 DCN PIC 9(8) COMP-3.\n05 D PIC X(30).\n05 A REDEFINES D.\n10 "
           "LAST-NAME PIC X(9).\n"
           "10 FIRST-NAME PIC X(6).\n10 DOB PIC 9(8) COMP-3.\n10 SSN PIC 9(9) COMP.\n05 B "
           "REDEFINES D.\n10 N PIC 99.\n"
           "10 DIAG OCCURS 1 TO 4 TIMES DEPENDING ON N.\n15 DIAG-CODE PIC X(5).\n",
           "01 R.\n05 N PIC 9.\n05 P OCCURS 0 TO 3 TIMES DEPENDING ON N.\n10 LAST-NAME PIC "
           "X(4).\n10 FIRST-NAME PIC "
           "X(4).\n10 DOB PIC 9(6).\n05 ZIP PIC X(5).\n",
           "version: 1\nrecord_format: lines\nheader_records: 1\ntrailer_records: 1\nrecords:\n  - "
           "name: a\n    when: "
           "{at: 1, equals: A}\n    fields:\n      - {name: LAST-NAME, at: 2, length: 5}\n      - "
           "{name: SSN, at: 7, "
           "length: 9}\n  - name: b\n    when: {at: 1, equals: B}\n",
           "version: 1\nencoding: ebcdic-1140\nrecord_format: vb\nfields:\n  - {name: FULL-NAME, "
           "length: 9}\n  - {name: "
           "DCN, length: 8}\n",
       }) {
    layouts.push_back(*parse_layout(text, "known", rules()));
  }
  return layouts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const std::string_view text = as_text(bytes);
  // The first part is a layout of its own, the second a file that it, or a known one, describes.
  const std::size_t border = text.find("\n====\n");
  const std::string_view layout_text = text.substr(0, border);
  static const std::vector<LayoutPtr> known = known_layouts();
  std::vector<LayoutPtr> layouts = known;
  parse_yaml(layout_text);
  looks_like_layout(layout_text);
  if (auto layout = parse_layout(layout_text, "fuzz", rules()))
    layouts.push_back(std::move(*layout));
  const std::string_view file = border == std::string_view::npos ? text : text.substr(border + 6);
  exposure::fuzz::analyse_anything(as_bytes(file), {.given = std::move(layouts), .beside = {}});
  return 0;
}
