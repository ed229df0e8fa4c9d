// Values whose meaning is known from elsewhere: other kinds of records of the file, other files of
// the pile. The same client numbers turn up in a column: then it is a column of client numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exposure/infer/value_tests.h"
#include "exposure/readers/field_kind.h"

namespace bulkhead::exposure {

// Keeps hashes, not values, and so many of them at most; what comes later is left out.
class KnownValues {
 public:
  static constexpr std::size_t kMost = 1'000'000;

  KnownValues() = default;
  // Looks there as well; it must outlive this.
  explicit KnownValues(const KnownValues* more) : more_(more) {}

  // `name`: of the column where it is known, by which its kind and issuer are found again ("DCN").
  void add(FieldKind kind, std::string_view name, std::string_view value);
  bool empty() const { return kinds_.empty() && (more_ == nullptr || more_->empty()); }

  struct Match {
    FieldKind kind = FieldKind::kNone;
    std::string name;
    double share = 0;  // of the distinct values
    std::size_t hits = 0;
  };
  // What most of the distinct values are known as; hits is 0 where none is known.
  Match match(const Values& values) const;

 private:
  struct Meaning {
    FieldKind kind;
    std::string name;
  };
  const KnownValues* more_ = nullptr;
  std::vector<Meaning> meanings_;
  std::unordered_map<std::uint64_t, std::uint16_t> kinds_;
};

}  // namespace bulkhead::exposure
