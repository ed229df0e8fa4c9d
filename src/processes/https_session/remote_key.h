// A key for libssl whose private half is elsewhere: an OpenSSL provider of our own, built in, whose
// one operation is to ask for a signature. libssl hands it all that a signature covers, not its
// hash, so that whoever signs sees what.
//
// The provider lives in a library context of its own: nothing that is looked up elsewhere finds it.
#pragma once

#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/error.h"

struct evp_pkey_st;
struct ossl_lib_ctx_st;

namespace bulkhead::processes {

// Signs for ecdsa_secp256r1_sha256 (RFC 8446 section 4.2.3): DER, over these bytes.
using SignRemotely = std::function<Result<Bytes>(ByteView content)>;

class RemoteKey {
 public:
  // For P-256, the point of the certificate uncompressed. kUnsupported.
  static Result<std::unique_ptr<RemoteKey>> create(ByteView public_point, SignRemotely sign);
  ~RemoteKey();
  RemoteKey(const RemoteKey&) = delete;
  RemoteKey& operator=(const RemoteKey&) = delete;

  evp_pkey_st* library_key() const { return key_; }  // not longer than this
  // Why the last signature was not made.
  const Status& last() const { return last_; }

  // For the provider's functions.
  Result<Bytes> sign(ByteView content);

 private:
  explicit RemoteKey(SignRemotely sign) : sign_(std::move(sign)) {}

  SignRemotely sign_;
  Status last_;
  ossl_lib_ctx_st* library_ = nullptr;
  evp_pkey_st* key_ = nullptr;
};

}  // namespace bulkhead::processes
