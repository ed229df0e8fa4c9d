// One field of a segment, by its type, into a draft: repetitions, components, escapes.
#pragma once

#include <string>
#include <string_view>

#include "exposure/readers/draft.h"
#include "exposure/readers/hl7_syntax.h"
#include "exposure/readers/hl7_table.h"

namespace bulkhead::exposure {

// A field as it lies in the file.
struct Hl7Value {
  std::string_view text;
  std::uint64_t offset = 0;  // of text's first byte
  std::uint16_t place = 0;
};

// Who issues the numbers of an insurance.
struct Hl7Payer {
  std::string name, id;
};

class Hl7FieldReader {
 public:
  explicit Hl7FieldReader(Collector& collector) : collector_(collector) {}

  void set_delimiters(const Hl7Delimiters& delimiters) { delimiters_ = delimiters; }

  // All but providers.
  void add(const Hl7FieldRule& rule, const Hl7Value& value, const Hl7Payer& payer, Draft& to);
  // A person in `value`, one repetition of a provider's type, into a draft that was started. False
  // where it names nobody; then nothing was added.
  bool add_provider(Hl7Type type, const Hl7Value& value, Draft& to);
  // Somebody stands there: a name or a number.
  Hl7Value provider_mark(Hl7Type type, const Hl7Value& value) const;

  Hl7Value component(const Hl7Value& value, unsigned n) const;
  Hl7Value subcomponent(const Hl7Value& value, unsigned n) const;
  // Calls `take` with each repetition that holds something.
  template <typename Take>
  void each_repetition(const Hl7Value& value, Take&& take) const {
    constexpr unsigned kMost = 64;
    std::string_view rest = value.text;
    for (unsigned n = 0; n < kMost && !rest.empty(); ++n) {
      const std::size_t end = delimiters_.repetition == '\0' ? std::string_view::npos
                                                             : rest.find(delimiters_.repetition);
      const std::string_view one = rest.substr(0, end);
      if (!one.empty()) take(at(value, one));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }

 private:
  static Hl7Value at(const Hl7Value& outer, std::string_view part) {
    return {part, outer.offset + static_cast<std::uint64_t>(part.data() - outer.text.data()),
            outer.place};
  }
  // Decoded where it must be: then it lies in scratch_ until the next call.
  RawField raw(const Hl7Value& value);
  void put(FieldKind kind, const Hl7Value& value, Draft& to, const FieldDetail& detail = {});
  void add_name(const Hl7Value& value, Draft& to);
  void add_names(const Hl7FieldRule& rule, const Hl7Value& value, Draft& to);
  void add_address(const Hl7Value& value, Draft& to);
  void add_contact(const Hl7Value& value, Draft& to);
  void add_number(const Hl7FieldRule& rule, const Hl7Value& value, Draft& to);
  void add_policy_number(const Hl7FieldRule& rule, const Hl7Value& value, const Hl7Payer& payer,
                         Draft& to);
  void add_code(const Hl7FieldRule& rule, const Hl7Value& value, Draft& to);
  void add_text(const Hl7FieldRule& rule, const Hl7Value& value, Draft& to);
  void put_number(FieldKind kind, const Hl7Value& value, std::string_view issuer_name,
                  std::string_view issuer_id, std::string_view label, std::uint8_t flags,
                  Draft& to);

  Collector& collector_;
  Hl7Delimiters delimiters_;
  std::string scratch_, decoded_;
};

}  // namespace bulkhead::exposure
