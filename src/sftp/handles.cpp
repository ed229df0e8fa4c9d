#include "sftp/handles.h"

#include <fmt/format.h>

#include <algorithm>

#include "sftp/limits.h"

namespace bulkhead::sftp {
namespace {

Status check_room(std::size_t open, std::size_t most, std::string_view what) {
  if (open < most) return {};
  return fail(ErrorCode::kLimitExceeded,
              fmt::format("{} {} are open already; close some first.", most, what));
}

// Two digits of seven bits each.
constexpr std::uint16_t kMostInDigits = 0x3FFF;

void store_digits(Byte* to, std::uint16_t value) {
  to[0] = static_cast<Byte>(value >> 7);
  to[1] = static_cast<Byte>(value & 0x7F);
}

std::uint16_t load_digits(const Byte* from) {
  return static_cast<std::uint16_t>(from[0] << 7 | from[1]);
}

static_assert(kMaxOpenFiles + kMaxOpenDirectories <= kMostInDigits);

}  // namespace

Status HandleTable::check_room_for_file() const {
  return check_room(files_, kMaxOpenFiles, "files");
}
Status HandleTable::check_room_for_directory() const {
  return check_room(directories_, kMaxOpenDirectories, "folders");
}

HandleTable::Handle HandleTable::add(OpenFile file) {
  ++files_;
  return add_to_slot(std::move(file));
}

HandleTable::Handle HandleTable::add(OpenDirectory directory) {
  ++directories_;
  return add_to_slot(std::move(directory));
}

template <typename T>
HandleTable::Handle HandleTable::add_to_slot(T what) {
  BH_ASSERT(files_ <= kMaxOpenFiles && directories_ <= kMaxOpenDirectories);
  auto slot = std::ranges::find_if(
      slots_, [](const Slot& s) { return std::holds_alternative<std::monostate>(s.what); });
  if (slot == slots_.end()) slot = slots_.emplace(slots_.end());
  slot->what = std::move(what);
  Handle handle;
  slot->uses = (slot->uses + 1) & kMostInDigits;
  store_digits(handle.data(), slot->uses);
  store_digits(handle.data() + 2, static_cast<std::uint16_t>(slot - slots_.begin()));
  return handle;
}

HandleTable::Slot* HandleTable::slot_of(ByteView handle) {
  if (handle.size() != kHandleBytes) return nullptr;
  if (std::ranges::any_of(handle, [](Byte b) { return b > 0x7F; })) return nullptr;
  const std::uint16_t index = load_digits(handle.data() + 2);
  if (index >= slots_.size()) return nullptr;
  Slot& slot = slots_[index];
  return slot.uses == load_digits(handle.data()) ? &slot : nullptr;
}

template <typename T>
T* HandleTable::find(ByteView handle) {
  Slot* slot = slot_of(handle);
  return slot == nullptr ? nullptr : std::get_if<T>(&slot->what);
}

OpenFile* HandleTable::file(ByteView handle) {
  return find<OpenFile>(handle);
}
OpenDirectory* HandleTable::directory(ByteView handle) {
  return find<OpenDirectory>(handle);
}

std::optional<OpenFile> HandleTable::take_file(ByteView handle) {
  OpenFile* found = file(handle);
  if (found == nullptr) return std::nullopt;
  OpenFile taken = std::move(*found);
  slot_of(handle)->what = std::monostate{};
  --files_;
  return taken;
}

bool HandleTable::remove_directory(ByteView handle) {
  if (directory(handle) == nullptr) return false;
  slot_of(handle)->what = std::monostate{};
  --directories_;
  return true;
}

}  // namespace bulkhead::sftp
