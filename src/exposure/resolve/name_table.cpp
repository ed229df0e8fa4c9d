#include "exposure/resolve/name_table.h"

#include "exposure/detect/hash.h"
#include "exposure/resolve/name_match.h"

namespace bulkhead::exposure {
namespace {

constexpr std::uint32_t kAbsent = 0xFFFFFFFF;

}  // namespace

NameTable::NameTable() : slots_(1024) {
  names_.push_back({{}, hash_bytes({}, kKeySeed)});
}

NameTable::Text NameTable::keep(std::string_view text) {
  const Text kept{texts_.size(), static_cast<std::uint32_t>(text.size())};
  texts_.append(text);
  return kept;
}

std::uint32_t NameTable::find(Part part, std::string_view written, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
    const Entry& known = entries_[slots_[at] - 1];
    if (known.hash == hash && known.part == part && view(known.written) == written)
      return slots_[at] - 1;
  }
  return kAbsent;
}

std::uint32_t NameTable::add(Part part, std::string_view written, std::uint64_t hash) {
  if ((entries_.size() + 1) * 2 > slots_.size()) grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at] != 0)
    at = (at + 1) & mask;
  entries_.push_back({.hash = hash, .written = keep(written), .part = part});
  slots_[at] = static_cast<std::uint32_t>(entries_.size());
  return slots_[at] - 1;
}

void NameTable::grow() {
  slots_.assign(slots_.size() * 2, 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    std::size_t at = entries_[i].hash & mask;
    while (slots_[at] != 0)
      at = (at + 1) & mask;
    slots_[at] = i + 1;
  }
}

std::uint32_t NameTable::intern(std::string_view normal) {
  if (normal.empty()) return 0;
  const std::uint64_t hash = hash_bytes(normal, table_seed() + static_cast<int>(Part::kNormal));
  std::uint32_t index = find(Part::kNormal, normal, hash);
  if (index == kAbsent) {
    index = add(Part::kNormal, normal, hash);
    entries_[index].name = static_cast<std::uint32_t>(names_.size());
    names_.push_back({entries_[index].written, hash_bytes(normal, kKeySeed)});
  }
  return entries_[index].name;
}

const NameTable::Entry& NameTable::entry(Part part, std::string_view written) {
  const std::uint64_t hash = hash_bytes(written, table_seed() + static_cast<std::uint64_t>(part));
  std::uint32_t index = find(part, written, hash);
  if (index != kAbsent) return entries_[index];
  std::string_view body = written;
  std::string_view suffix;
  const bool suffixed = part == Part::kLast && take_suffix(body, suffix);
  const std::uint32_t name =
      intern(part == Part::kSuffix ? normal_suffix(body) : normal_name(body));
  const std::uint32_t suffix_name = suffixed ? intern(normal_suffix(suffix)) : 0;
  index = add(part, written, hash);
  entries_[index].name = name;
  entries_[index].suffix = suffix_name;
  return entries_[index];
}

NameTable::LastName NameTable::last_name(std::string_view written) {
  const Entry& found = entry(Part::kLast, written);
  return {found.name, found.suffix};
}

}  // namespace bulkhead::exposure
