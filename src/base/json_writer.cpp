#include "base/json_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "base/error.h"
#include "base/utf8.h"

namespace bulkhead {

void JsonWriter::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!first_ && depth_ > 0) text_.push_back(',');
  first_ = false;
}

void JsonWriter::begin_object() {
  separate();
  text_.push_back('{');
  ++depth_;
  first_ = true;
}

void JsonWriter::end_object() {
  BH_ASSERT(depth_ > 0 && !after_key_);
  text_.push_back('}');
  --depth_;
  first_ = false;
}

void JsonWriter::begin_array() {
  separate();
  text_.push_back('[');
  ++depth_;
  first_ = true;
}

void JsonWriter::end_array() {
  BH_ASSERT(depth_ > 0 && !after_key_);
  text_.push_back(']');
  --depth_;
  first_ = false;
}

void JsonWriter::key(std::string_view name) {
  BH_ASSERT(!after_key_);
  value(name);
  text_.push_back(':');
  after_key_ = true;
}

void JsonWriter::value(std::string_view text) {
  separate();
  text_.push_back('"');
  std::size_t at = 0;
  while (at < text.size()) {
    const unsigned char c = static_cast<unsigned char>(text[at]);
    if (c >= 0x80) {
      const std::size_t length = utf8_sequence_length(text.substr(at));
      if (length == 0) {
        text_.append("\xEF\xBF\xBD");
        ++at;
      } else {
        text_.append(text.substr(at, length));
        at += length;
      }
      continue;
    }
    switch (c) {
      case '"':
        text_.append("\\\"");
        break;
      case '\\':
        text_.append("\\\\");
        break;
      case '\n':
        text_.append("\\n");
        break;
      case '\r':
        text_.append("\\r");
        break;
      case '\t':
        text_.append("\\t");
        break;
      default:
        if (c < 0x20 || c == 0x7F)
          fmt::format_to(std::back_inserter(text_), "\\u{:04x}", c);
        else
          text_.push_back(static_cast<char>(c));
    }
    ++at;
  }
  text_.push_back('"');
}

void JsonWriter::value(bool truth) {
  separate();
  text_.append(truth ? "true" : "false");
}

void JsonWriter::value(double number) {
  separate();
  if (!std::isfinite(number))
    text_.append("null");  // JSON has no other word for it
  else
    fmt::format_to(std::back_inserter(text_), "{}", number);
}

void JsonWriter::integer(std::int64_t number) {
  separate();
  fmt::format_to(std::back_inserter(text_), "{}", number);
}

void JsonWriter::unsigned_integer(std::uint64_t number) {
  separate();
  fmt::format_to(std::back_inserter(text_), "{}", number);
}

void JsonWriter::null() {
  separate();
  text_.append("null");
}

std::string JsonWriter::take() && {
  BH_ASSERT(depth_ == 0);
  return std::move(text_);
}

void JsonWriter::clear() {
  text_.clear();
  depth_ = 0;
  first_ = true;
  after_key_ = false;
}

}  // namespace bulkhead
