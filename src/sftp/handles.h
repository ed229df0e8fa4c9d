// What a client has open. A handle is a number that means something in this table only (draft
// section 6.2).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "sftp/file_system.h"

namespace bulkhead::sftp {

struct OpenFile {
  std::unique_ptr<File> file;
  Path path;  // as it was when it was opened
  bool readable = false;
  bool writable = false;
  bool appending = false;
};

struct OpenDirectory {
  std::unique_ptr<Directory> directory;
  std::vector<DirectoryEntry> waiting;  // read, but did not fit into the last reply
  std::size_t next_waiting = 0;
};

// Bounded by kMaxOpenFiles and kMaxOpenDirectories. A handle that was closed is not found, also
// when its slot is in use again: each carries how often its slot was used. All bytes are US-ASCII:
// to the draft a handle is any bytes, but russh-sftp keeps it as a text, and bytes that are no
// UTF-8 did not come back from it as they were sent.
class HandleTable {
 public:
  static constexpr std::size_t kHandleBytes = 4;
  using Handle = ByteArray<kHandleBytes>;

  // kLimitExceeded when there is no room: to be asked before opening, because opening may have
  // effects.
  Status check_room_for_file() const;
  Status check_room_for_directory() const;
  Handle add(OpenFile file);
  Handle add(OpenDirectory directory);

  // Null for anything but a handle of that kind that is open. Valid until the handle is removed or
  // another added.
  OpenFile* file(ByteView handle);
  OpenDirectory* directory(ByteView handle);
  std::optional<OpenFile> take_file(ByteView handle);
  bool remove_directory(ByteView handle);

 private:
  struct Slot {
    std::uint16_t uses = 0;
    std::variant<std::monostate, OpenFile, OpenDirectory> what;
  };
  template <typename T>
  Handle add_to_slot(T what);
  template <typename T>
  T* find(ByteView handle);
  Slot* slot_of(ByteView handle);

  std::vector<Slot> slots_;
  std::size_t files_ = 0;
  std::size_t directories_ = 0;
};

}  // namespace bulkhead::sftp
