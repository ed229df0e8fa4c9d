#include "siem/entry_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/json_writer.h"
#include "base/utf8.h"

namespace bulkhead::siem {
namespace {

constexpr std::int64_t kMicros = 1'000'000;

// Details under one key, joined, in the order in which the keys came first.
std::vector<std::pair<std::string_view, std::string>> joined(const ShownEntry& entry) {
  std::vector<std::pair<std::string_view, std::string>> all;
  for (const auto& [key, value] : entry.details) {
    const auto found = std::ranges::find(all, key, [](const auto& item) { return item.first; });
    if (found == all.end()) {
      all.emplace_back(key, value);
    } else {
      found->second += " " + value;
    }
  }
  return all;
}

// --- CEF

struct Importance {
  std::string_view event;
  unsigned severity;
};
constexpr unsigned kEveryday = 3;
constexpr Importance kImportance[] = {
    {"login_failed", 5},
    {"request_refused", 6},
    {"user_added", 4},
    {"user_changed", 5},
    {"user_removed", 5},
    {"rights_set", 5},
    {"incident_opened", 8},
    {"contained", 9},
    {"lifted", 8},
    {"exposure_asked", 6},
    {"organisation_changed", 5},
    {"vault_started", 4},
    {"vault_stopped", 4},
    {"folder_durability_set", 5},
    {"host_key_added", 6},
    {"organisation_key_rotated", 5},
    {"file_keys_rewrapped", 3},
    {"organisation_key_retired", 4},
    {"organisation_keys_rewrapped", 4},
    {"root_key_rotated", 7},
    {"host_key_removed", 7},
    {"host_certificate_set", 6},
    {"tls_key_added", 6},
    {"tls_certificate_set", 6},
};

struct CefKey {
  std::string_view detail;
  std::string_view key;
};
constexpr CefKey kCefKeys[] = {
    {"peer", "src"},    {"reason", "reason"}, {"user", "suid"}, {"bytes", "out"},
    {"request", "act"}, {"method", "cat"},    {"note", "msg"},
};

// The name of a detail means something else in each event.
std::string_view key_of_name(std::string_view event) {
  if (event == "login_failed") return "suser";
  if (event.starts_with("user_")) return "duser";
  if (event.starts_with("organisation_")) return "bulkheadOrganisationName";
  return "fname";
}

// "bytes_not_understood" -> "bulkheadBytesNotUnderstood"
std::string own_key(std::string_view detail) {
  std::string key = "bulkhead";
  bool upper = true;
  for (const char c : detail) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter) {
      upper = true;
      continue;
    }
    key += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return key;
}

std::string cef_key(std::string_view event, std::string_view detail) {
  if (detail == "name") return std::string(key_of_name(event));
  for (const CefKey& known : kCefKeys) {
    if (known.detail == detail) return std::string(known.key);
  }
  return own_key(detail);
}

// `special` is what the place escapes besides the backslash: '|' in the header, '=' in extensions.
std::string cef_escaped(std::string_view text, char special) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == special) {
      escaped += '\\';
      escaped += c;
    } else if (c == '\n') {
      escaped += "\\n";
    } else if (c == '\r') {
      escaped += "\\r";
    } else {
      escaped += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
  }
  return is_utf8(escaped) ? escaped : to_hex(as_bytes(text));
}

// "login_failed" -> "Login failed"
std::string words_of(std::string_view event) {
  std::string words(event);
  std::ranges::replace(words, '_', ' ');
  if (!words.empty() && words[0] >= 'a' && words[0] <= 'z')
    words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words;
}

}  // namespace

std::string utc_time(std::int64_t at_us) {
  std::int64_t seconds = at_us / kMicros;
  std::int64_t micros = at_us % kMicros;
  if (micros < 0) {
    micros += kMicros;
    --seconds;
  }
  const std::time_t time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (::gmtime_r(&time, &parts) == nullptr) return "1970-01-01T00:00:00.000000Z";
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     micros);
}

std::string to_ndjson(const ShownEntry& entry) {
  JsonWriter json;
  json.begin_object();
  json.member("entry", entry.index);
  json.member("at", utc_time(entry.at_us));
  if (entry.channel != 0) json.member("session", fmt::format("s-{}", entry.channel));
  json.member("event", entry.event);
  json.key("details");
  json.begin_object();
  for (const auto& [key, value] : joined(entry))
    json.member(key, value);
  json.end_object();
  json.member("leaf_hash", to_hex(entry.leaf_hash));
  json.end_object();
  return std::move(json).take();
}

unsigned severity_of(std::string_view event) {
  const auto* const found = std::ranges::find(kImportance, event, &Importance::event);
  return found == std::end(kImportance) ? kEveryday : found->severity;
}

std::string to_cef(const ShownEntry& entry, std::string_view release) {
  std::string text = fmt::format("CEF:0|Bulkhead|Bulkhead|{}|{}|{}|{}|rt={} externalId={}",
                                 cef_escaped(release, '|'), cef_escaped(entry.event, '|'),
                                 cef_escaped(words_of(entry.event), '|'), severity_of(entry.event),
                                 entry.at_us / 1000, entry.index);
  if (entry.channel != 0) text += fmt::format(" cs1Label=session cs1=s-{}", entry.channel);
  for (const auto& [key, value] : joined(entry))
    text += fmt::format(" {}={}", cef_key(entry.event, key), cef_escaped(value, '='));
  text += fmt::format(" bulkheadLeafHash={}", to_hex(entry.leaf_hash));
  return text;
}

}  // namespace bulkhead::siem
