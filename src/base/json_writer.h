// Writes JSON (RFC 8259) into a string, in the order in which it is told. Commas are its business,
// nesting is checked. Text that is not valid UTF-8 is written with U+FFFD in place of each
// offending byte.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead {

class JsonWriter {
 public:
  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  void key(std::string_view name);

  void value(std::string_view text);
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(const char* text) { value(std::string_view(text)); }
  void value(bool truth);
  void value(double number);  // shortest text that reads back the same
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void value(T number) {
    if constexpr (std::signed_integral<T>) {
      integer(static_cast<std::int64_t>(number));
    } else {
      unsigned_integer(static_cast<std::uint64_t>(number));
    }
  }
  void null();

  template <typename T>
  void member(std::string_view name, const T& what) {
    key(name);
    value(what);
  }

  std::string_view text() const { return text_; }
  std::string take() &&;
  void clear();  // keeps the memory

 private:
  void separate();
  void integer(std::int64_t number);
  void unsigned_integer(std::uint64_t number);

  std::string text_;
  int depth_ = 0;
  bool first_ = true;  // nothing written yet at this level
  bool after_key_ = false;
};

}  // namespace bulkhead
