// The keeper inside the test's own process, where the socket to one is not what is tested.
#pragma once

#include <memory>
#include <string>

#include "keeper/local_keeper.h"
#include "keeper/root_key_file.h"
#include "processes/vault/deployment.h"

namespace bulkhead::processes {

inline KeeperSource local_keeper(bool make_root_key = false) {
  return [=](const std::string& path) -> Result<std::unique_ptr<vault::KeyKeeper>> {
    crypto::Random& random = crypto::system_random();
    if (make_root_key) {
      BH_TRY(
          const crypto::SecretBytes text,
          keeper::RootKeyFile::write(keeper::fresh_key(random), keeper::Seal::kFile, {}, random));
      BH_CHECK(keeper::create_root_key_file(path, text));
    }
    BH_TRY(const keeper::RootKeyFile file, keeper::RootKeyFile::read(path));
    BH_TRY(crypto::AeadKey root_key, file.open({}));
    auto keys = std::make_unique<keeper::LocalKeeper>(crypto::system_random());
    std::optional<crypto::AeadKey> next;
    if (const auto beside = keeper::RootKeyFile::read(keeper::next_root_key_path(path))) {
      BH_TRY(next, beside->open({}));
    }
    BH_CHECK(keys->unseal(std::move(root_key), std::move(next)));
    return keys;
  };
}

}  // namespace bulkhead::processes
