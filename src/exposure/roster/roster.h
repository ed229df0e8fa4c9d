// The owner's own list of people, e.g. everybody who was enrolled then. It says who a number is and
// where they live now. It never says that somebody's data was in a file: nobody of it enters a
// count, an element or an id.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "exposure/resolve/person_view.h"

namespace bulkhead::exposure {

// What persons.ndjson has from the roster.
enum RosterGave : std::uint8_t {
  kRosterGaveName = 1,
  kRosterGaveBirthDate = 2,
  kRosterGaveAddress = 4,
  kRosterGaveDeath = 8,
};
struct RosterWord {
  std::uint8_t flag;
  std::string_view word;
};
inline constexpr RosterWord kRosterWords[] = {{kRosterGaveAddress, "address"},
                                              {kRosterGaveBirthDate, "date_of_birth"},
                                              {kRosterGaveDeath, "deceased"},
                                              {kRosterGaveName, "name"}};

// Flat and immutable: safe from several threads. About 250 bytes a person beside the findings.
class Roster {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  // From what was read of a file. kMalformed where it names nobody with a number or a birth date:
  // then it can tell nobody.
  static Result<std::shared_ptr<const Roster>> create(NamedFindings file,
                                                      const ResolveOptions& options);
  ~Roster();

  const std::string& file() const { return file_; }
  std::size_t size() const { return persons_.size(); }  // distinct persons

  struct Match {
    std::uint32_t person = kNone;
    bool contradicted = false;  // a number is there, but not with this name or birth date
  };
  // Who of the roster this is: one with the same number (SSN, ITIN, member number, Medicare number)
  // whom nothing contradicts, else the only one with the same name and birth date.
  Match find(const PersonView& person) const;
  // Puts name and birth date where there are none, the current address before the others, and that
  // somebody has died.
  void give(std::uint32_t index, std::string_view as_of, PersonView& person) const;

  // The roster's own persons as lines of persons.ndjson without an element: those that `wanted`
  // says yes to. For letters out of caution.
  Status write(const std::vector<bool>& wanted, const std::string& path) const;

 private:
  struct Entry {
    NameView name;
    std::string_view born;  // as written
    AddressView address;    // the first that mail can reach; else empty
    bool has_address = false, deceased = false;
    std::uint32_t place = 0;  // in the resolution
  };
  using Key = std::pair<std::uint64_t, std::uint32_t>;  // hash, person

  Roster(NamedFindings file, const ResolveOptions& options);
  bool contradicts(const Entry& entry, const PersonView& person) const;
  std::optional<std::uint32_t> only_one(std::uint64_t hash, const PersonView& person,
                                        const std::vector<Key>& keys, bool& contradicted) const;

  std::string file_;
  std::unique_ptr<Resolution> resolution_;
  std::vector<Entry> persons_;
  std::vector<Key> numbers_, births_;  // sorted
};

}  // namespace bulkhead::exposure
