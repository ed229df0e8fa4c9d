#include "exposure/index/person_table.h"

#include <algorithm>

#include "base/error.h"
#include "exposure/detect/hash.h"
#include "exposure/index/varint.h"

namespace bulkhead::exposure {

void FactPacker::add(const Fact& fact) {
  constexpr std::size_t kMost = 4 + 10 * Fact::kMaxParts;  // without the parts themselves
  std::size_t room = size_ + kMost;
  for (std::size_t i = 0; i < fact.part_count; ++i)
    room += fact.parts[i].size();
  if (memory_.size() < room) memory_.resize(2 * room);
  char* at = memory_.data() + size_;
  *at++ = static_cast<char>(fact.kind);
  *at++ = static_cast<char>(fact.sub);
  *at++ = static_cast<char>(fact.flags);
  *at++ = static_cast<char>(fact.part_count);
  for (std::size_t i = 0; i < fact.part_count; ++i) {
    at = write_varint(fact.parts[i].size(), at);
    at = std::copy(fact.parts[i].begin(), fact.parts[i].end(), at);
  }
  size_ = static_cast<std::size_t>(at - memory_.data());
}

bool FactReader::next(Fact& fact) {
  const char* at = rest_.data();
  const char* const end = at + rest_.size();
  if (at == end || damaged_) return false;
  damaged_ = true;  // until the whole fact has been read
  if (end - at < 4) return false;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(at[i]); };
  if (byte(0) >= kFactKindCount || byte(3) > Fact::kMaxParts) return false;
  fact.kind = static_cast<FactKind>(byte(0));
  fact.sub = byte(1);
  fact.flags = byte(2);
  fact.part_count = byte(3);
  if (fact.kind == FactKind::kIdentifier && fact.sub >= kIdentifierTypeCount) return false;
  at += 4;
  for (std::size_t i = 0; i < fact.part_count; ++i) {
    if (at == end) return false;
    std::uint64_t length = static_cast<std::uint8_t>(*at);
    if (length < 0x80) {
      ++at;  // as nearly all
    } else {
      std::string_view rest(at, static_cast<std::size_t>(end - at));
      if (!take_varint(rest, length)) return false;
      at = rest.data();
    }
    if (length > static_cast<std::uint64_t>(end - at)) return false;
    fact.parts[i] = {at, length};
    at += length;
  }
  for (std::size_t i = fact.part_count; i < Fact::kMaxParts; ++i)
    fact.parts[i] = {};
  rest_ = {at, static_cast<std::size_t>(end - at)};
  damaged_ = false;
  return true;
}

std::uint32_t PersonTable::add(Role role, std::string_view packed_facts, bool joinable,
                               std::uint64_t offset) {
  const std::uint64_t seed = table_seed() + static_cast<std::uint64_t>(role);
  const auto tag = joinable ? static_cast<std::uint32_t>(hash_bytes(packed_facts, seed)) : 0U;
  const std::uint32_t index = add_tagged(role, packed_facts, joinable, tag, offset);
  ++rows_[index].records;
  return index;
}

std::uint32_t PersonTable::add_tagged(Role role, std::string_view packed_facts, bool joinable,
                                      std::uint32_t tag, std::uint64_t offset) {
  const auto added = static_cast<std::uint32_t>(rows_.size());
  const std::uint32_t index = joinable ? find_or_reserve(role, packed_facts, tag) : added;
  if (index != added) return index;
  Row row;
  row.facts_at = arena_.size();
  row.facts_length = static_cast<std::uint32_t>(packed_facts.size());
  row.first_offset = offset;
  row.role = role;
  row.joinable = joinable;
  row.tag = tag;
  arena_.append(packed_facts);
  rows_.push_back(row);
  return added;
}

// The row of an equal description, or rows_.size() (the row that is about to be added) with a slot
// taken for it.
std::uint32_t PersonTable::find_or_reserve(Role role, std::string_view packed, std::uint32_t tag) {
  if ((slots_used_ + 1) * 10 >= slots_.size() * 7) grow_slots();
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = tag & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.row == kNone) {
      slot = {tag, static_cast<std::uint32_t>(rows_.size())};
      ++slots_used_;
      return slot.row;
    }
    if (slot.tag == tag && rows_[slot.row].role == role && facts(slot.row) == packed)
      return slot.row;
  }
}

void PersonTable::grow_slots() {
  std::vector<Slot> old(std::max<std::size_t>(64, slots_.size() * 2));
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.row == kNone) continue;
    std::size_t at = slot.tag & mask;
    while (slots_[at].row != kNone)
      at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

void PersonTable::append(const PersonTable& next) {
  constexpr std::uint32_t kAhead = 8;
  std::vector<std::uint16_t> places;
  for (const std::string& where : next.places_)
    places.push_back(place(where));
  std::vector<std::uint32_t> rows(next.size());
  for (std::uint32_t i = 0; i < next.size(); ++i) {
    if (i + kAhead < next.size() && !slots_.empty())
      __builtin_prefetch(&slots_[next.rows_[i + kAhead].tag & (slots_.size() - 1)]);
    const Row& from = next.rows_[i];
    const std::uint32_t index =
        add_tagged(from.role, next.facts(i), from.joinable, from.tag, from.first_offset);
    rows[i] = index;
    rows_[index].records += from.records;
    add_elements(index, from.elements, from.possible, from.masked, from.sensitive);
    next.each_evidence(i, [&](Evidence place) {
      place.where = places[place.where];
      add_evidence(index, place);
    });
  }
  for (const auto& [row, to] : next.relations_)
    add_relation(rows[row], rows[to]);
}

void PersonTable::add_elements(std::uint32_t index, ElementSet elements, ElementSet possible,
                               ElementSet masked, SensitivitySet sensitive) {
  Row& row = rows_[index];
  row.elements.add(elements);
  row.possible.add(possible);
  row.masked.add(masked);
  row.sensitive |= sensitive;
}

void PersonTable::add_evidence(std::uint32_t index, const Evidence& evidence) {
  add_evidence(index, std::span(&evidence, 1));
}

void PersonTable::add_evidence(std::uint32_t index, std::span<const Evidence> places) {
  Row& row = rows_[index];
  static_assert(2 * kElementCount <= 64 && kEvidencePerElement <= 3);
  std::uint64_t counts = row.evidence_counts;
  std::uint32_t last = row.last_evidence;
  for (const Evidence& place : places) {
    const unsigned shift = 2 * static_cast<unsigned>(place.element);
    if ((counts >> shift & 3) >= kEvidencePerElement) continue;
    counts += std::uint64_t{1} << shift;
    const auto added = static_cast<std::uint32_t>(evidence_.size());
    evidence_.push_back({place, kNone});
    (last == kNone ? row.first_evidence : evidence_[last].next) = added;
    last = added;
  }
  row.evidence_counts = counts;
  row.last_evidence = last;
}

void PersonTable::add_relation(std::uint32_t row, std::uint32_t to) {
  if (row == to) return;
  if (!relations_.empty() && relations_.back() == std::pair(row, to))
    return;  // the same claim again
  relations_.emplace_back(row, to);
}

std::uint16_t PersonTable::place(std::string_view where) {
  constexpr std::size_t kPlaces = 65'535;
  if (places_.size() >= kPlaces) where = "other";
  std::string key(where.substr(0, 128));
  if (const auto found = place_index_.find(key); found != place_index_.end()) return found->second;
  const auto index = static_cast<std::uint16_t>(places_.size());
  places_.push_back(key);
  place_index_.emplace(std::move(key), index);
  return index;
}

std::vector<Evidence> PersonTable::evidence(std::uint32_t index) const {
  std::vector<Evidence> found;
  each_evidence(index, [&](const Evidence& place) { found.push_back(place); });
  return found;
}

std::uint64_t PersonTable::memory_bytes() const {
  return rows_.capacity() * sizeof(Row) + arena_.capacity() +
         evidence_.capacity() * sizeof(EvidenceNode) + slots_.capacity() * sizeof(Slot) +
         relations_.capacity() * sizeof(relations_[0]);
}

}  // namespace bulkhead::exposure
