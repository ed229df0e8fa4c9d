#include "base/csv.h"

namespace bulkhead {

std::string csv_field(std::string_view text) {
  std::string value(text);
  if (!value.empty() && std::string_view("=+-@\t\r").find(value.front()) != std::string_view::npos)
    value.insert(value.begin(), '\'');
  if (value.find_first_of(",\"\r\n") == std::string::npos) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

void CsvRow::drop() {
  fields_.clear();
  field_.clear();
  bytes_ = 0;
  quoted_ = false;
}

bool CsvRow::take(std::string_view line, char separator) {
  if (quoted_)
    field_ += '\n';
  else
    drop();
  bytes_ += line.size() + 1;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted_) {
      if (c != '"') {
        field_ += c;
      } else if (i + 1 < line.size() && line[i + 1] == '"') {
        field_ += '"';
        ++i;
      } else {
        quoted_ = false;
      }
    } else if (c == '"' && field_.empty()) {
      quoted_ = true;
    } else if (c == separator) {
      if (fields_.size() == fields_most_) return true;
      fields_.push_back(std::move(field_));
      field_.clear();
    } else if (c != '\r') {
      field_ += c;
    }
  }
  if (quoted_) return false;
  fields_.push_back(std::move(field_));
  field_.clear();
  return true;
}

}  // namespace bulkhead
