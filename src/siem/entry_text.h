// One journal entry as one line of text. Details are names and values that others chose: hostile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace bulkhead::siem {

struct ShownEntry {
  std::uint64_t index = 0;
  std::int64_t at_us = 0;     // Unix time
  std::uint64_t channel = 0;  // 0: the vault itself or its administration
  std::string event;          // "extents_released"
  std::vector<std::pair<std::string, std::string>> details;  // keys may come more than once
  Bytes leaf_hash;
};

// "2026-11-24T02:03:04.000005Z"
std::string utc_time(std::int64_t at_us);

// {"entry":17,"at":"…Z","session":"s-7","event":"login_failed","details":{"peer":"203.0.113.5",…},
// "leaf_hash":"…"}, without a line end. Values of a key that comes more than once are joined with a
// space.
std::string to_ndjson(const ShownEntry& entry);

// Common Event Format: CEF:0|Bulkhead|Bulkhead|RELEASE|login_failed|Login failed|5|rt=…
// externalId=17 … Known details go to CEF's own keys (src, suser, reason, out, fname …), others to
// keys of ours (bulkheadNode). The severity is 0 to 10.
std::string to_cef(const ShownEntry& entry, std::string_view release);

// How much somebody should care, as CEF counts: 3 for the everyday, 8 and more for an alarm.
unsigned severity_of(std::string_view event);

}  // namespace bulkhead::siem
