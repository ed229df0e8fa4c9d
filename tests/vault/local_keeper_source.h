// The keeper inside the test's own process, where the socket to one is not what is tested.
#pragma once

#include <memory>
#include <string>

#include "keeper/local_keeper.h"
#include "processes/vault/deployment.h"

namespace bulkhead::processes {

inline KeeperSource local_keeper(bool make_root_key = false) {
  return [=](const std::string& path) -> Result<std::unique_ptr<vault::KeyKeeper>> {
    if (make_root_key) BH_CHECK(keeper::create_root_key_file(path, crypto::system_random()));
    BH_TRY(crypto::AeadKey root_key, keeper::read_root_key_file(path));
    return std::make_unique<keeper::LocalKeeper>(std::move(root_key), crypto::system_random());
  };
}

}  // namespace bulkhead::processes
