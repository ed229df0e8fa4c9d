#include "keeper/remote_keeper.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>

#include "base/log.h"

namespace bulkhead::keeper {
namespace {

constexpr int kAnswerTimeoutSeconds = 10;
constexpr int kGreetingTimeoutSeconds = 60;  // chips and tokens are asked before it
// Fewer than either socket buffer holds: so that neither side ever waits for the other to read.
constexpr std::size_t kMostUnderWay = 32;
constexpr std::size_t kMakeAheadBelow = kFileKeysAtOnce / 2;

std::unexpected<Error> sealed() {
  return fail(ErrorCode::kRefused, "the deployment is sealed: no key is given out");
}

Result<crypto::Secret<kKeyBytes>> as_key(const Result<crypto::SecretBytes>& answer) {
  if (!answer) return fail(answer.error());
  if (answer->size() != kKeyBytes)
    return fail(ErrorCode::kMalformed, "the keeper's answer is no key");
  crypto::Secret<kKeyBytes> key;
  std::ranges::copy(answer->view(), key.mutable_view().begin());
  return key;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

RemoteKeeper::~RemoteKeeper() = default;

Result<std::unique_ptr<RemoteKeeper>> RemoteKeeper::connect(UniqueFd socket) {
  std::unique_ptr<RemoteKeeper> keeper(new RemoteKeeper(std::move(socket)));
  BH_CHECK(keeper->wait_at_most(kGreetingTimeoutSeconds));
  BH_CHECK(keeper->greet());
  BH_CHECK(keeper->wait_at_most(kAnswerTimeoutSeconds));
  return keeper;
}

Status RemoteKeeper::wait_at_most(int seconds) const {
  const timeval timeout{.tv_sec = seconds, .tv_usec = 0};
  if (::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0)
    return fail_errno("setting up the keeper's socket");
  return {};
}

Status RemoteKeeper::greet() {
  Datagram datagram;
  BH_CHECK(receive(socket_.get(), datagram));
  BH_TRY(const Reply reply, decode_reply(datagram.view()));
  if (reply.number != 0) return fail(ErrorCode::kMalformed, "the keeper did not greet");
  if (reply.code != 0) return fail(error_of(reply));
  std::vector<Seal> seals;
  BH_TRY(const Greeting greeting, decode_greeting(reply.payload, seals));
  sealed_ = greeting.sealed;
  for (const Seal seal : seals)
    seals_.append(seals_.empty() ? "" : ", ").append(seal_name(seal));
  unseal_key_ = greeting.unseal_key;
  warnings_ = lines_of(greeting.warnings);
  return {};
}

Status RemoteKeeper::begin_unseal(ByteView box) {
  if (!socket_) return sealed();
  if (box.size() > kMaxRequestPayloadBytes)
    return fail(ErrorCode::kInvalidArgument, "the passphrase is too long");
  Datagram datagram;
  encode(Request{.type = RequestType::kUnseal, .number = next_number_++, .payload = box}, datagram);
  if (const Status sent = send(socket_.get(), datagram); !sent) return broken(sent.error());
  return {};
}

Status RemoteKeeper::finish_unseal() {
  Datagram datagram;
  if (const Status received = receive(socket_.get(), datagram); !received)
    return broken(received.error());
  const auto reply = decode_reply(datagram.view());
  if (!reply) return broken(reply.error());
  if (reply->number + 1 != next_number_)
    return broken({ErrorCode::kMalformed, "it answered what was not asked"});
  if (reply->code != 0) return fail(error_of(*reply));
  sealed_ = false;
  return {};
}

// --- Requests and answers
// --------------------------------------------------------------------------------------------

// Its end is noticed by the supervisor too, which ends everything.
std::unexpected<Error> RemoteKeeper::broken(const Error& error) {
  if (socket_) log_error("the keeper cannot be used any more", {{"why", error.message}});
  socket_.reset();
  sealed_ = true;
  waiting_.clear();
  ahead_.clear();
  under_way_ = 0;
  return fail(ErrorCode::kRefused, "the keeper is gone: no key is given out");
}

Result<std::uint64_t> RemoteKeeper::begin(Request request) {
  if (sealed_) return sealed();
  if (request.payload.size() > kMaxRequestPayloadBytes)
    return fail(ErrorCode::kCorrupt, "a wrapped key is longer than any that was made");
  while (under_way_ >= kMostUnderWay)
    BH_CHECK(receive_one());
  request.number = next_number_++;
  Datagram datagram;
  encode(request, datagram);
  if (const Status sent = send(socket_.get(), datagram); !sent) return broken(sent.error());
  waiting_.try_emplace(request.number);
  ++under_way_;
  return request.number;
}

Status RemoteKeeper::receive_one() {
  Datagram datagram;
  if (const Status received = receive(socket_.get(), datagram); !received)
    return broken(received.error());
  const auto reply = decode_reply(datagram.view());
  if (!reply) return broken(reply.error());
  if (!waiting_.contains(reply->number) || waiting_.at(reply->number).answered)
    return broken({ErrorCode::kMalformed, "it answered what was not asked"});
  take_answer(*reply);
  return {};
}

void RemoteKeeper::take_answer(const Reply& reply) {
  --under_way_;
  file_keys_unwrapped_ = reply.file_keys_unwrapped;
  Waiting& waiting = waiting_.at(reply.number);
  waiting.answered = true;
  if (reply.code == 0)
    waiting.answer = crypto::SecretBytes(reply.payload);
  else
    waiting.answer = fail(error_of(reply));
  if (waiting.file_keys_of) take_new_keys(*waiting.file_keys_of, waiting.answer);
  if (waiting.abandoned || waiting.file_keys_of) waiting_.erase(reply.number);
}

Result<crypto::SecretBytes> RemoteKeeper::wait_for(std::uint64_t number) {
  while (true) {
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) return sealed();  // forgotten, or broken, since it was asked for
    if (found->second.answered) {
      auto answer = std::move(found->second.answer);
      waiting_.erase(found);
      return answer;
    }
    BH_CHECK(receive_one());
  }
}

Result<crypto::SecretBytes> RemoteKeeper::ask(const Request& request) {
  BH_TRY(const std::uint64_t number, begin(request));
  return wait_for(number);
}

Result<Bytes> RemoteKeeper::ask_for_bytes(const Request& request) {
  BH_TRY(const crypto::SecretBytes answer, ask(request));
  return to_bytes(answer.view());
}

// --- Keys
// ------------------------------------------------------------------------------------------------------------

Result<Bytes> RemoteKeeper::create_system_key() {
  return ask_for_bytes({.type = RequestType::kCreateSystemKey});
}

Result<crypto::AeadKey> RemoteKeeper::unwrap_system_key(ByteView wrapped) {
  return as_key(ask({.type = RequestType::kUnwrapSystemKey, .payload = wrapped}));
}

Result<Bytes> RemoteKeeper::create_organisation_key(vault::KeyEpoch which) {
  return ask_for_bytes({.type = RequestType::kCreateOrganisationKey, .which = which});
}

Status RemoteKeeper::load_organisation_key(vault::KeyEpoch which, ByteView wrapped) {
  BH_CHECK(ask({.type = RequestType::kLoadOrganisationKey, .which = which, .payload = wrapped}));
  return {};
}

Result<RemoteKeeper::RootKeyFacts> RemoteKeeper::root_key() {
  BH_TRY(Bytes id, ask_for_bytes({.type = RequestType::kDescribeRootKey}));
  return RootKeyFacts{std::move(id), to_bytes(unseal_key_)};
}

Result<Bytes> RemoteKeeper::adopt_root_key(ByteView box) {
  return ask_for_bytes({.type = RequestType::kAdoptRootKey, .payload = box});
}

Result<Bytes> RemoteKeeper::rewrap_system_key(ByteView wrapped) {
  return ask_for_bytes({.type = RequestType::kRewrapSystemKey, .payload = wrapped});
}

Result<Bytes> RemoteKeeper::rewrap_organisation_key(vault::KeyEpoch which, ByteView wrapped) {
  return ask_for_bytes(
      {.type = RequestType::kRewrapOrganisationKey, .which = which, .payload = wrapped});
}

Status RemoteKeeper::settle_root_key() {
  BH_CHECK(ask({.type = RequestType::kSettleRootKey}));
  return {};
}

Result<Bytes> RemoteKeeper::rewrap_file_key(vault::KeyEpoch from, vault::KeyEpoch to,
                                            const vault::LineageId& lineage, ByteView wrapped) {
  // (The request has one organisation only.)
  if (from.organisation != to.organisation)
    return fail(ErrorCode::kInvalidArgument, "a file key stays its organisation's");
  Bytes payload(kEpochBytes);
  store_be(payload.data(), to.epoch);
  payload.insert(payload.end(), wrapped.begin(), wrapped.end());
  return ask_for_bytes(
      {.type = RequestType::kRewrapFileKey, .which = from, .lineage = lineage, .payload = payload});
}

// The keys that were made ahead go with it, those under way too.
void RemoteKeeper::forget_organisation_key(vault::KeyEpoch which) {
  if (const auto found = ahead_.find(which); found != ahead_.end()) {
    if (found->second.under_way != 0) {
      Waiting& waiting = waiting_.at(found->second.under_way);
      waiting.file_keys_of.reset();
      waiting.abandoned = true;
    }
    ahead_.erase(found);
  }
  (void)ask({.type = RequestType::kForgetOrganisationKey, .which = which});
}

Status RemoteKeeper::make_ahead(vault::KeyEpoch which) {
  Ahead& ahead = ahead_[which];
  if (ahead.under_way != 0) return {};
  BH_TRY(const std::uint64_t number, begin({.type = RequestType::kCreateFileKeys, .which = which}));
  waiting_.at(number).file_keys_of = which;
  ahead_[which].under_way = number;
  return {};
}

void RemoteKeeper::take_new_keys(vault::KeyEpoch which, const Result<crypto::SecretBytes>& answer) {
  Ahead& ahead = ahead_[which];
  ahead.under_way = 0;
  if (!answer) {
    ahead.error = answer.error();
    return;
  }
  ByteView rest = answer->view();
  while (rest.size() >= kNewFileKeyBytes) {
    NewFileKey& fresh = ahead.keys.emplace_back();
    std::ranges::copy(rest.first(fresh.lineage.size()), fresh.lineage.begin());
    rest = rest.subspan(fresh.lineage.size());
    std::ranges::copy(rest.first(kKeyBytes), fresh.key.mutable_view().begin());
    fresh.wrapped = to_bytes(rest.subspan(kKeyBytes, kWrappedKeyBytes));
    rest = rest.subspan(kKeyBytes + kWrappedKeyBytes);
  }
  if (ahead.keys.empty()) ahead.error = Error(ErrorCode::kMalformed, "the keeper made no keys");
}

Result<RemoteKeeper::NewFileKey> RemoteKeeper::create_file_key(vault::KeyEpoch which) {
  if (sealed_) return sealed();
  if (ahead_[which].keys.size() < kMakeAheadBelow) BH_CHECK(make_ahead(which));
  while (ahead_[which].keys.empty()) {
    if (auto error = std::exchange(ahead_[which].error, std::nullopt)) return fail(*error);
    BH_CHECK(make_ahead(which));
    BH_CHECK(receive_one());
  }
  Ahead& ahead = ahead_[which];
  NewFileKey fresh = std::move(ahead.keys.front());
  ahead.keys.pop_front();
  return fresh;
}

vault::AwaitedFileKey RemoteKeeper::await_file_key(vault::KeyEpoch which,
                                                   const vault::LineageId& lineage,
                                                   ByteView wrapped) {
  const auto number = begin({.type = RequestType::kUnwrapFileKey,
                             .which = which,
                             .lineage = lineage,
                             .payload = wrapped});
  if (!number) return Result<vault::FileKey>(fail(number.error()));
  return {*this, *number};
}

Result<vault::FileKey> RemoteKeeper::finish(std::uint64_t ticket) {
  return as_key(wait_for(ticket));
}

void RemoteKeeper::abandon(std::uint64_t ticket) {
  const auto found = waiting_.find(ticket);
  if (found == waiting_.end()) return;
  if (found->second.answered)
    waiting_.erase(found);
  else
    found->second.abandoned = true;
}

// Everything that the keeper still says about earlier requests comes before its word that it has
// forgotten, and is dropped with it.
void RemoteKeeper::forget() {
  if (sealed_) return;
  ahead_.clear();
  const auto answer = ask({.type = RequestType::kForget});
  sealed_ = true;
  waiting_.clear();
  ahead_.clear();
  under_way_ = 0;
  if (!answer) broken(answer.error());
}

}  // namespace bulkhead::keeper
