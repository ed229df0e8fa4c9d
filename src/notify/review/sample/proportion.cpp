#include "notify/review/sample/proportion.h"

#include <algorithm>
#include <cmath>

namespace bulkhead::review {
namespace {

constexpr int kTermsMost = 10'000;
constexpr double kSmall = 1e-15, kTiny = 1e-300;
constexpr std::uint64_t kSampleMost = 10'000'000;

// The continued fraction of the incomplete beta function (NIST DLMF 8.17.22), by Lentz's method.
// Converges fast for x < (a + 1) / (a + b + 2).
double continued_fraction(double a, double b, double x) {
  double c = 1;
  double d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::abs(d) < kTiny ? kTiny : d);
  double result = d;
  const auto step = [&](double factor) {
    d = 1 + factor * d;
    d = 1 / (std::abs(d) < kTiny ? kTiny : d);
    c = 1 + factor / c;
    if (std::abs(c) < kTiny) c = kTiny;
    result *= d * c;
  };
  for (int m = 1; m < kTermsMost; ++m) {
    const double two_m = 2.0 * m;
    step(m * (b - m) * x / ((a + two_m - 1) * (a + two_m)));
    step(-(a + m) * (a + b + m) * x / ((a + two_m) * (a + two_m + 1)));
    if (std::abs(d * c - 1) < kSmall) break;
  }
  return result;
}

// Without std::lgamma, which writes to a variable that all threads share.
double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

}  // namespace

double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) +
                                b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * continued_fraction(a, b, x) / a;
  return 1 - front * continued_fraction(b, a, 1 - x) / b;
}

// Halving: the function grows, and sixty halvings are as exact as a double is.
double beta_quantile(double a, double b, double p) {
  double low = 0, high = 1;
  for (int i = 0; i < 80 && high - low > 0; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (incomplete_beta(a, b, middle) < p ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

Interval clopper_pearson(std::uint64_t count, std::uint64_t drawn, double confidence) {
  if (drawn == 0) return {};
  const double tail = (1 - confidence) / 2;
  const auto k = static_cast<double>(count);
  const auto n = static_cast<double>(drawn);
  return {.lower = count == 0 ? 0 : beta_quantile(k, n - k + 1, tail),
          .upper = count >= drawn ? 1 : beta_quantile(k + 1, n - k, 1 - tail)};
}

std::optional<std::uint64_t> sample_for_bound(std::uint64_t count, std::uint64_t drawn,
                                              double bound, double confidence) {
  const std::uint64_t of = std::max<std::uint64_t>(drawn, 1);
  // In whole numbers: as doubles 7 of 100 are a little more than 7 of 100.
  const auto errors_in = [&](std::uint64_t size) {
    return size / of * count + (size % of * count + of - 1) / of;
  };
  const auto enough = [&](std::uint64_t size) {
    return clopper_pearson(std::max(errors_in(size), count), size, confidence).upper <= bound;
  };
  std::uint64_t high = std::max<std::uint64_t>(drawn, 1);
  while (!enough(high)) {
    high *= 2;
    if (high > kSampleMost) return std::nullopt;
  }
  std::uint64_t low = high / 2;
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return std::max(high, drawn);
}

}  // namespace bulkhead::review
