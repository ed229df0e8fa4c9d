// SoftHSM with one token, and keys made by pkcs11-tool as an operator would.
#pragma once

#include <string>

#include "keeper/seal_slot.h"

namespace bulkhead::keeper {

class SoftwareToken {
 public:
  static bool is_there();  // SoftHSM and OpenSC
  explicit SoftwareToken(const std::string& label = "vault");
  ~SoftwareToken();

  static const char* module();
  static const char* pin() { return "4711-0815"; }
  // "SOFTHSM2_CONF=…", for the module.
  std::string environment() const;
  // `more` are options of pkcs11-tool.
  void make_key(const std::string& label, const std::string& more = "--key-type rsa:2048") const;
  void remove_key(const std::string& label) const;
  // Wishes for the seal `pkcs11`.
  SealFields wishes(const std::string& key) const;

 private:
  void tool(const std::string& arguments) const;

  std::string folder_;
  std::string label_;
};

}  // namespace bulkhead::keeper
