// Words by which texts show what they are: common given names and surnames, what streets and
// companies are called, the states. All in upper case; lists of what is frequent, never of all.
#pragma once

#include <string_view>

namespace bulkhead::exposure {

bool is_common_given_name(std::string_view word);
bool is_common_surname(std::string_view word);
bool is_name_suffix(std::string_view word);   // JR, SR, II…
bool is_street_word(std::string_view word);   // ST, AVE, BOX…
bool is_unit_word(std::string_view word);     // APT, STE…
bool is_company_word(std::string_view word);  // INC, CLINIC…
bool is_state_code(std::string_view word);    // USPS, two letters

// Of one name, in any case: is it a company's? Nobody's name has digits, or INC. Words that are
// also surnames (CHURCH, BANK) count unless a first name stands before them.
bool is_company_name(std::string_view name);

// Does a postal code that starts with `digit` lie in that state? (The first digit is the region's.)
bool region_fits(std::string_view state, char digit);

}  // namespace bulkhead::exposure
