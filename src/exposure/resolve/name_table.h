// Names of all files, each different one once: as a number, normalised.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::exposure {

// Names are hostile: the tables' hash is seeded.
class NameTable {
 public:
  NameTable();

  // Numbers of normalised names; 0 stands for none. A last name may have a suffix in it.
  struct LastName {
    std::uint32_t last = 0, suffix = 0;
  };
  LastName last_name(std::string_view written);
  std::uint32_t given_name(std::string_view written) { return entry(Part::kGiven, written).name; }
  std::uint32_t suffix(std::string_view written) { return entry(Part::kSuffix, written).name; }

  // The number of a name that is normalised already.
  std::uint32_t intern(std::string_view normal);
  std::size_t size() const { return names_.size(); }  // 0 included
  std::string_view text(std::uint32_t name) const { return view(names_[name].text); }
  // Of the normalised text, by the fixed seed that keys are made with.
  std::uint64_t key_hash(std::uint32_t name) const { return names_[name].key_hash; }

 private:
  enum class Part : std::uint8_t { kGiven, kLast, kSuffix, kNormal };
  struct Text {
    std::uint64_t at = 0;
    std::uint32_t length = 0;
  };
  // Something that was written, and what it means.
  struct Entry {
    std::uint64_t hash = 0;
    Text written;
    std::uint32_t name = 0, suffix = 0;
    Part part = Part::kGiven;
  };
  struct Name {
    Text text;
    std::uint64_t key_hash = 0;
  };
  const Entry& entry(Part part, std::string_view written);
  std::uint32_t find(Part part, std::string_view written, std::uint64_t hash) const;
  std::uint32_t add(Part part, std::string_view written, std::uint64_t hash);
  void grow();
  Text keep(std::string_view text);
  std::string_view view(Text text) const {
    return std::string_view(texts_).substr(text.at, text.length);
  }

  std::vector<std::uint32_t> slots_;  // entry + 1; open addressing, a power of two
  std::vector<Entry> entries_;
  std::vector<Name> names_;
  std::string texts_;
};

// The seed of keys' hashes: fixed, because their order decides in which order people are merged.
inline constexpr std::uint64_t kKeySeed = 0x51ED270B7F4A7C15ULL;

}  // namespace bulkhead::exposure
