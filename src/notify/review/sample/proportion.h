// How often something happens, from a sample: exact confidence intervals.
#pragma once

#include <cstdint>
#include <optional>

namespace bulkhead::review {

struct Interval {
  double lower = 0, upper = 1;
};

// I_x(a, b), the distribution function of the beta distribution; a, b > 0, 0 <= x <= 1.
double incomplete_beta(double a, double b, double x);
// The x at which it is p.
double beta_quantile(double a, double b, double p);

// Clopper and Pearson (1934): covers the truth with at least this confidence, whatever it is.
// `count` of `drawn`; [0, 1] where nothing was drawn.
Interval clopper_pearson(std::uint64_t count, std::uint64_t drawn, double confidence = 0.95);

// The smallest sample for which the upper end is at most `bound`, if errors go on as they came.
// Nothing where they come as often as the bound, or oftener: no sample is large enough.
std::optional<std::uint64_t> sample_for_bound(std::uint64_t count, std::uint64_t drawn,
                                              double bound, double confidence = 0.95);

}  // namespace bulkhead::review
