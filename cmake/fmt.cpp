// The part of {fmt} that is compiled once, from its own header. Debian has it as a shared library
// only, which brings the shared libstdc++ along: loading the two would cost every session process
// more than its key exchange (docs/decisions/0060-start-of-a-session.md).
#include <fmt/format-inl.h>

namespace fmt::detail {
template FMT_API dragonbox::decimal_fp<float> dragonbox::to_decimal(float) noexcept;
template FMT_API dragonbox::decimal_fp<double> dragonbox::to_decimal(double) noexcept;
template FMT_API thousands_sep_result<char> thousands_sep_impl(locale_ref);
template FMT_API char decimal_point_impl(locale_ref);
template FMT_API std::locale locale_ref::get<std::locale>() const;
}  // namespace fmt::detail
