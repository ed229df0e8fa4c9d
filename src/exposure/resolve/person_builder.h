// Puts the rows of one cluster together into a person.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exposure/detect/dates.h"
#include "exposure/resolve/person_view.h"

namespace bulkhead::exposure {

struct RowRef {
  std::uint32_t file = 0;
  std::uint32_t row = 0;
  auto operator<=>(const RowRef&) const = default;
};

using PersonDigest = ByteArray<16>;

// One thread at a time; the memory is used again for the next person.
class PersonBuilder {
 public:
  PersonBuilder(const std::vector<NamedFindings>& files, const ResolveOptions& options)
      : files_(files), as_of_(parse_date(options.as_of)), as_of_text_(options.as_of) {}

  // kWhoOnly: without addresses, age and places; kAllButPlaces: without evidence.
  enum class What : std::uint8_t { kWhoOnly, kAllButPlaces, kAll };
  // `rows` in ascending order, each once. `id` and `related_to` are the caller's business.
  PersonView& build(std::span<const RowRef> rows, What what);
  std::string& memory_for_ids() { return ids_; }

  // What the id of the person that was built last is derived from: the surest evidence, so that it
  // stays when more files are added. `told_apart`: with what distinguishes it from others of the
  // same anchor.
  PersonDigest digest(bool told_apart);

 private:
  void take_row(const RowRef& ref, What what);
  void take_fact(const Fact& fact, What what);
  void settle_who();
  void settle_identifiers();
  void settle_rest();
  void settle_evidence(ExposureView& exposure);
  void write_anchor();

  const std::vector<NamedFindings>& files_;
  std::optional<Date> as_of_;
  std::string as_of_text_;
  PersonView person_;
  std::vector<Date> births_;           // real ones, own
  std::vector<NameView> shown_names_;  // used where there is no other
  std::string anchor_, first_, normal_, ids_;
};

// "p-" and 32 hexadecimal digits, into 34 characters at `to`.
constexpr std::size_t kPersonIdLength = 34;
void write_person_id(const PersonDigest& digest, char* to);

}  // namespace bulkhead::exposure
