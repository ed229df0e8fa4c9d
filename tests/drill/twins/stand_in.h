// Twins of the vault and of the edge: the product's own objects, linked so that a call of one of
// its functions reaches a function of tests/drill/twins instead (the linker's --wrap). Nothing in
// the product's code knows of it, so there is nothing in a shipped binary to switch.
//
// A name that is not called any more stands in for nothing; then the twin does not leak, and the
// test fails.
#pragma once

#include <string_view>

// Declares that the function stands in for the one with that mangled name; REAL is the other.
#define STANDS_IN_FOR(symbol) asm("__wrap_" symbol)
#define REAL(symbol) asm("__real_" symbol)

namespace bulkhead::twins {

// Which defence is switched off: what DIR/weakness holds, where the program was given --data DIR.
std::string_view weakness();
inline bool without(std::string_view defence) {
  return weakness() == defence;
}

}  // namespace bulkhead::twins
