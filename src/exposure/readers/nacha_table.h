// How NACHA's ACH files are described: where the fields of an entry lie, by standard entry class.
// The table (nacha_table.cpp) is meant to be checked by somebody who knows ACH, not C++.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bulkhead::exposure {

// Columns as the rules count them: from 1, both included. 0: there is none.
struct NachaColumns {
  std::uint8_t first = 0, last = 0;
};

// Who receives an entry.
enum class NachaReceiver : std::uint8_t {
  kConsumer,
  kCompany,    // nobody
  kEither,     // the name says which
  kInAddenda,  // ENR, DNE: somebody whom the addenda name
};

struct NachaClass {
  std::string_view code;  // columns 51-53 of the batch header
  NachaReceiver receiver;
  NachaColumns name;
  NachaColumns number;  // the originator's number for the receiver
  NachaColumns card;    // a card number
};

constexpr NachaColumns kNachaRouting = {4, 12}, kNachaAccount = {13, 29};

const NachaClass* nacha_class(std::string_view code);
// Of entries without a batch header.
const NachaClass& nacha_unknown_class();

// Segments of companies' payments (addenda 705) in which nobody is, separated by spaces.
std::string_view nacha_payment_segments();

}  // namespace bulkhead::exposure
