// SSH's key exchange and log-in as a taken edge plays them to the vault: it makes up the client's
// half, because it is both the client and the server. What it cannot make up is a signature.
#pragma once

#include <optional>
#include <string>

#include "drill/stage/stage.h"
#include "drill/stage/taken_edge.h"

namespace bulkhead::drill {

struct Exchanged {
  std::string session_id;
};

// Nothing: the vault refused, or ended the channel.
std::optional<Exchanged> exchange_keys(TakenEdge& edge);

// The request that a client signs (RFC 4252 section 7).
std::string signed_request(std::string_view session_id, std::string_view user,
                           std::string_view blob);

// With the request's answer; nothing: the channel ended.
std::optional<channel::Reply> offer_key(TakenEdge& edge, std::string_view user,
                                        std::string_view blob, std::string_view signature);
std::optional<channel::Reply> offer_password(TakenEdge& edge, std::string_view user,
                                             std::string_view password);
bool succeeded(const std::optional<channel::Reply>& answer);

// The whole of it, with a key that the person really has.
bool log_in(TakenEdge& edge, const Person& person);

// --- the same of the web: TLS's one signature, and what somebody types ---

// All that a server's CertificateVerify covers (RFC 8446 section 4.4.3), over a made-up transcript.
std::string certificate_verify();
// False: the vault refused, or ended the channel.
bool sign(TakenEdge& edge, std::string_view content);
std::optional<channel::Reply> type_in(TakenEdge& edge, std::string_view user,
                                      std::string_view password, std::string_view code = "");
bool log_in_by_password(TakenEdge& edge, const Person& person);

}  // namespace bulkhead::drill
