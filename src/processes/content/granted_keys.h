// Extent keys as the vault grants them: asked for when they are needed, kept for the handle's life.
#pragma once

#include <map>

#include "channel/client.h"
#include "store/extent_key.h"

namespace bulkhead::processes {

class GrantedKeys final : public store::ExtentKeySource {
 public:
  GrantedKeys(channel::Client& vault, std::uint64_t handle, bool for_writing)
      : vault_(vault), handle_(handle), for_writing_(for_writing) {}

  // A key that came without asking: of a fresh lineage.
  Status add(std::uint64_t extent, std::string_view key);
  Result<const crypto::AeadKey*> get(std::uint64_t extent) override;

 private:
  channel::Client& vault_;
  std::uint64_t handle_;
  bool for_writing_;
  std::map<std::uint64_t, crypto::AeadKey> keys_;
};

}  // namespace bulkhead::processes
