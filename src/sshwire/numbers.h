// The numbers of SSH: messages (RFC 4250 section 4.1, RFC 8308, RFC 5656), disconnect reasons, open
// failures.
#pragma once

#include "base/bytes.h"

namespace bulkhead::sshwire {

enum Message : Byte {
  kMsgDisconnect = 1,
  kMsgIgnore = 2,
  kMsgUnimplemented = 3,
  kMsgDebug = 4,
  kMsgServiceRequest = 5,
  kMsgServiceAccept = 6,
  kMsgExtInfo = 7,
  kMsgKexinit = 20,
  kMsgNewkeys = 21,
  kMsgKexFirst = 30,  // 30 to 49 mean what the negotiated method says
  kMsgKexEcdhInit = 30,
  kMsgKexEcdhReply = 31,
  kMsgKexDhInit = 30,  // RFC 4253 section 8
  kMsgKexDhReply = 31,
  kMsgKexDhGexGroup = 31,  // RFC 4419 section 5
  kMsgKexDhGexInit = 32,
  kMsgKexDhGexReply = 33,
  kMsgKexDhGexRequest = 34,
  kMsgKexLast = 49,
  kMsgUserauthRequest = 50,
  kMsgUserauthFailure = 51,
  kMsgUserauthSuccess = 52,
  kMsgUserauthBanner = 53,
  kMsgUserauthPkOk = 60,
  kMsgUserauthInfoRequest = 60,  // 60 to 79 mean what the method says; RFC 4256 section 5
  kMsgUserauthInfoResponse = 61,
  kMsgUserauthLast = 79,
  kMsgGlobalRequest = 80,
  kMsgRequestSuccess = 81,
  kMsgRequestFailure = 82,
  kMsgChannelOpen = 90,
  kMsgChannelOpenConfirmation = 91,
  kMsgChannelOpenFailure = 92,
  kMsgChannelWindowAdjust = 93,
  kMsgChannelData = 94,
  kMsgChannelExtendedData = 95,
  kMsgChannelEof = 96,
  kMsgChannelClose = 97,
  kMsgChannelRequest = 98,
  kMsgChannelSuccess = 99,
  kMsgChannelFailure = 100,
};

// RFC 4253 section 11.1.
enum class DisconnectReason : std::uint32_t {
  kHostNotAllowedToConnect = 1,
  kProtocolError = 2,
  kKeyExchangeFailed = 3,
  kReserved = 4,
  kMacError = 5,
  kCompressionError = 6,
  kServiceNotAvailable = 7,
  kProtocolVersionNotSupported = 8,
  kHostKeyNotVerifiable = 9,
  kConnectionLost = 10,
  kByApplication = 11,
  kTooManyConnections = 12,
  kAuthCancelledByUser = 13,
  kNoMoreAuthMethodsAvailable = 14,
  kIllegalUserName = 15,
};

// RFC 4254 section 5.1.
enum class OpenFailure : std::uint32_t {
  kAdministrativelyProhibited = 1,
  kConnectFailed = 2,
  kUnknownChannelType = 3,
  kResourceShortage = 4,
};

}  // namespace bulkhead::sshwire
