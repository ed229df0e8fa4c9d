#include "vault/dispatch.h"

namespace bulkhead::vault {

const DispatchTable::Row* DispatchTable::find(channel::Request::BodyCase message) {
  using Q = channel::Request;
  constexpr auto kConnected = static_cast<std::uint32_t>(Phase::kConnected);
  constexpr auto kExchanged = static_cast<std::uint32_t>(Phase::kExchanged);
  constexpr auto kLoggedIn = static_cast<std::uint32_t>(Phase::kLoggedIn);
  constexpr auto kAnalyst = static_cast<std::uint32_t>(Phase::kAnalyst);
  constexpr ProcessKind kSsh = ProcessKind::kSftpSession;
  constexpr ProcessKind kWeb = ProcessKind::kHttpsSession;
  constexpr auto kCompactor = static_cast<std::uint32_t>(Phase::kCompactor);
  // clang-format off
  static constexpr Row kTable[] = {
      // message                 name                  allowed in                            handler
      {Q::kSshGreet,            "ssh_greet",           kConnected,                           &Vault::on_ssh_greet, kSsh},
      {Q::kSshExchange,         "ssh_exchange",        kConnected | kExchanged | kLoggedIn,  &Vault::on_ssh_exchange, kSsh},
      {Q::kSshRekey,            "ssh_rekey",           kExchanged | kLoggedIn,               &Vault::on_ssh_rekey, kSsh},
      {Q::kSshAuthenticate,     "ssh_authenticate",    kExchanged,                           &Vault::on_ssh_authenticate, kSsh},
      {Q::kSshProveHostKeys,    "ssh_prove_host_keys", kLoggedIn,                            &Vault::on_ssh_prove_host_keys, kSsh},

      {Q::kTlsGreet,            "tls_greet",           kConnected,                           &Vault::on_tls_greet, kWeb},
      {Q::kTlsSign,             "tls_sign",            kConnected,                           &Vault::on_tls_sign, kWeb},
      {Q::kLogIn,               "log_in",              kExchanged,                           &Vault::on_log_in, kWeb},

      {Q::kStat,                "stat",                kLoggedIn,                            &Vault::on_stat},
      {Q::kSetAttributes,       "set_attributes",      kLoggedIn,                            &Vault::on_set_attributes},
      {Q::kOpenFile,            "open_file",           kLoggedIn,                            &Vault::on_open_file},
      {Q::kGrantExtents,        "grant_extents",       kLoggedIn | kAnalyst,                 &Vault::on_grant_extents},
      {Q::kCommitUpload,        "commit_upload",       kLoggedIn,                            &Vault::on_commit_upload},
      {Q::kParkUpload,          "park_upload",         kLoggedIn,                            &Vault::on_park_upload},
      {Q::kCloseHandle,         "close_handle",        kLoggedIn | kAnalyst,                 &Vault::on_close_handle},
      {Q::kOpenDirectory,       "open_directory",      kLoggedIn,                            &Vault::on_open_directory},
      {Q::kReadDirectory,       "read_directory",      kLoggedIn,                            &Vault::on_read_directory},
      {Q::kMakeDirectory,       "make_directory",      kLoggedIn,                            &Vault::on_make_directory},
      {Q::kRemoveDirectory,     "remove_directory",    kLoggedIn,                            &Vault::on_remove_directory},
      {Q::kRemoveFile,          "remove_file",         kLoggedIn,                            &Vault::on_remove_file},
      {Q::kRename,              "rename",              kLoggedIn,                            &Vault::on_rename},
      {Q::kCapacity,            "capacity",            kLoggedIn,                            &Vault::on_capacity},

      {Q::kTakeAnalysis,        "take_analysis",       kAnalyst,                             &Vault::on_take_analysis},
      {Q::kReportAnalysis,      "report_analysis",     kAnalyst,                             &Vault::on_report_analysis},

      {Q::kTakeCompaction,      "take_compaction",     kCompactor,                           &Vault::on_take_compaction},
      {Q::kReportCompaction,    "report_compaction",   kCompactor,                           &Vault::on_report_compaction},
  };
  // clang-format on
  for (const Row& row : kTable) {
    if (row.message == message) return &row;
  }
  return nullptr;
}

}  // namespace bulkhead::vault
