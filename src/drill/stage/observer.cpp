#include "drill/stage/observer.h"

#include <fmt/format.h>

#include <charconv>

#include "drill/wire/secrets.h"

namespace bulkhead::drill {
namespace {

constexpr std::size_t kLineBytes = 32;
constexpr std::size_t kNameBytes = 32;
constexpr std::size_t kTailBytes = 40;  // longer than a line and a name

std::uint32_t hexadecimal(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

}  // namespace

Observer::Observer() {
  for (const char c : random_bytes(8))
    run_.push_back(static_cast<char>('g' + (static_cast<unsigned char>(c) & 15)));
}

// "canary gggggggg 0001 0000002a..\n", and a name "gggggggg-0001-statement-2026.txt".
Canary Observer::plant(const std::string& owner, std::uint32_t lines) {
  Canary canary;
  canary.number = static_cast<std::uint32_t>(planted_.size()) + 1;
  canary.owner = owner;
  canary.name = fmt::format("{}-{:04x}-statement-2026.txt", run_, canary.number);
  for (std::uint32_t line = 0; line < lines; ++line)
    canary.contents += fmt::format("canary {} {:04x} {:08x}..\n", run_, canary.number, line);
  planted_[canary.number] = canary;
  return canary;
}

void Observer::start() {
  tails_.clear();
  lines_.clear();
  names_.clear();
  other_files_.clear();
}

void Observer::saw(std::uint64_t stream, std::string_view bytes) {
  std::string& tail = tails_[stream];
  tail.append(bytes);
  count_lines(tail);
  count_names(tail);
  if (tail.size() > kTailBytes) tail.erase(0, tail.size() - kTailBytes);
}

void Observer::count_lines(std::string_view bytes) {
  const std::string start = "canary " + run_ + " ";
  for (std::size_t at = bytes.find(start); at != std::string_view::npos;
       at = bytes.find(start, at + 1)) {
    const std::string_view line = bytes.substr(at, kLineBytes);
    if (line.size() < kLineBytes) return;
    const std::uint32_t number = hexadecimal(line.substr(start.size(), 4));
    const std::uint32_t index = hexadecimal(line.substr(start.size() + 5, 8));
    const auto found = planted_.find(number);
    const std::size_t place = std::size_t{index} * kLineBytes;
    const bool is_ours = found != planted_.end() && place < found->second.contents.size() &&
                         std::string_view(found->second.contents).substr(place, kLineBytes) == line;
    if (is_ours) lines_.emplace(number, index);
  }
}

void Observer::count_names(std::string_view bytes) {
  const std::string start = run_ + "-";
  for (std::size_t at = bytes.find(start); at != std::string_view::npos;
       at = bytes.find(start, at + 1)) {
    const std::string_view name = bytes.substr(at, kNameBytes);
    if (name.size() < start.size() + 4) return;
    const auto found = planted_.find(hexadecimal(name.substr(start.size(), 4)));
    if (found != planted_.end() && bytes.substr(at).starts_with(found->second.name))
      names_.insert(found->second.name);
  }
}

std::uint64_t Observer::files() const {
  std::set<std::uint32_t> files;
  for (const auto& [number, line] : lines_)
    files.insert(number);
  return files.size() + other_files_.size();
}

std::uint64_t Observer::bytes() const {
  return lines_.size() * kLineBytes;
}

std::uint64_t Observer::bytes_beyond_grants() const {
  std::uint64_t lines = 0;
  for (const auto& [number, line] : lines_)
    lines += live_.contains(planted_.at(number).owner) ? 0 : 1;
  return lines * kLineBytes;
}

}  // namespace bulkhead::drill
