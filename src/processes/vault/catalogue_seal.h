// Whether the catalogue's file is the one that a vault of this deployment closed: beside it lies an
// HMAC of its bytes under a key that only the vault has. Without a seal that fits (a vault was
// killed, or somebody wrote into the file) the catalogue is made anew from the journal, so that a
// row that was slipped in grants nothing.
#pragma once

#include <string>

#include "base/error.h"
#include "crypto/aead.h"

namespace bulkhead::processes {

class CatalogueSeal {
 public:
  CatalogueSeal(const crypto::AeadKey& system_key, std::string catalogue_path);

  // Before the catalogue is opened. Breaks the seal: it is good for one opening.
  Result<bool> take() const;
  // Sets a catalogue aside that is not to be trusted, with SQLite's files beside it.
  Status remove_catalogue() const;
  // After the catalogue was closed.
  Status put() const;

 private:
  std::string path() const { return catalogue_ + ".seal"; }
  Result<Bytes> seal_of_file() const;

  crypto::Secret<32> key_;
  std::string catalogue_;
};

}  // namespace bulkhead::processes
