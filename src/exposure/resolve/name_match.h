// Whether two first names may be one person's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::exposure {

// For comparison: upper case, letters and digits only, accents of Latin-1 in UTF-8 taken off.
std::string normal_name(std::string_view name);
void append_normal_name(std::string_view name, std::string& out);

enum class NameMatch : std::uint8_t { kContradicts, kMisspelt, kUnknown, kWeak, kEqual };

// Both normalised. kMisspelt: one slip of the finger apart (JAMES, JAEMS): one person's only where
// more says so. kUnknown: one is empty, or says only "baby". kWeak: an initial, a nickname, one
// within the other.
NameMatch match_first_names(std::string_view a, std::string_view b);

// "JR", "JUNIOR" -> "JR"; "II" -> "2"; others as they are.
std::string normal_suffix(std::string_view suffix);

// "SMITH JR" in the place of a last name: the suffix is taken off it. False where there is none.
bool take_suffix(std::string_view& last, std::string_view& suffix);

}  // namespace bulkhead::exposure
