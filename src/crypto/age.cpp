#include "crypto/age.h"

#include <algorithm>

#include "crypto/age_format.h"

namespace bulkhead::crypto {
namespace {

using namespace age;

constexpr std::size_t kMostRecipients = 20;

// 32 bytes are 43 digits of base64, which fit on one line, so the body's only line is its last.
Result<std::string> stanza_for(const AgeRecipient& recipient, const FileKey& file_key,
                               Random& random) {
  const X25519KeyPair ephemeral = X25519KeyPair::generate(random);
  const std::optional<Secret<32>> shared = ephemeral.agree(recipient.key());
  if (!shared) {
    return fail(ErrorCode::kInvalidArgument,
                "an age recipient is not a usable key: it has a small order");
  }
  const Secret<32> wrap = wrap_key(*shared, ephemeral.public_key, recipient.key());
  std::string text(kStanzaStart);
  text.append(kX25519).append(" ").append(to_base64(ephemeral.public_key, false)).append("\n");
  text.append(to_base64(wrap_file_key(wrap, file_key), false)).append("\n");
  return text;
}

Result<std::string> header_for(const std::vector<AgeRecipient>& recipients, const FileKey& file_key,
                               Random& random) {
  std::string header(kVersionLine);
  header.append("\n");
  for (const AgeRecipient& recipient : recipients) {
    BH_TRY(const std::string stanza, stanza_for(recipient, file_key, random));
    header.append(stanza);
  }
  header.append(kMacStart);
  const HeaderMac mac = header_mac(file_key, header);
  return header.append(" ").append(to_base64(mac, false)).append("\n");
}

Result<FileKey> find_file_key(const Header& header, const std::vector<AgeIdentity>& identities) {
  for (const X25519Stanza& stanza : header.stanzas) {
    for (const AgeIdentity& identity : identities) {
      const std::optional<Secret<32>> shared = identity.pair().agree(stanza.share);
      if (!shared) {
        return fail(ErrorCode::kMalformed,
                    "this is not a whole age file: a key in its header has a small order");
      }
      const Secret<32> wrap = wrap_key(*shared, stanza.share, identity.pair().public_key);
      if (std::optional<FileKey> file_key = unwrap_file_key(wrap, stanza.wrapped))
        return std::move(*file_key);
    }
  }
  return fail(ErrorCode::kNotAuthenticated,
              "none of the identities opens this age file: it is for other recipients");
}

std::unexpected<Error> ends_early() {
  return fail(ErrorCode::kMalformed, "this age file ends early: its last part is missing");
}

// Why the chunk at the end of the file does not open as the last one: a cut between two chunks
// leaves one that opens as another.
std::unexpected<Error> why_not_last(ChunkCipher& cipher, ByteView chunk, MutableByteView scratch) {
  const bool cut = cipher.open(chunk, false, scratch);
  wipe(scratch);
  if (cut) return ends_early();
  return fail(ErrorCode::kCorrupt,
              "the last part of this age file does not verify: it was changed or cut off");
}

Status decrypt_payload(ByteView payload, const FileKey& file_key, const ByteSink& sink) {
  if (payload.size() < kPayloadNonceSize + kTagSize) return ends_early();
  ChunkCipher cipher(file_key, payload.first(kPayloadNonceSize), false);
  payload = payload.subspan(kPayloadNonceSize);
  SecretBytes buffer(std::min(payload.size() - kTagSize, kChunkSize));
  for (bool first = true, last = false; !last; first = false) {
    last = payload.size() <= kChunkSize + kTagSize;
    const ByteView chunk = payload.first(last ? payload.size() : kChunkSize + kTagSize);
    payload = payload.subspan(chunk.size());
    if (chunk.size() < kTagSize) return ends_early();
    // Only a file without contents has an empty chunk (section "Payload").
    const MutableByteView plaintext = buffer.mutable_view().first(chunk.size() - kTagSize);
    if (!cipher.open(chunk, last, plaintext)) {
      if (last) return why_not_last(cipher, chunk, plaintext);
      return fail(ErrorCode::kCorrupt, "a part of this age file does not verify: it was changed");
    }
    if (plaintext.empty() && !first) {
      return fail(ErrorCode::kMalformed, "this is not a whole age file: its last part is empty");
    }
    if (!plaintext.empty()) BH_CHECK(sink(plaintext));
  }
  return {};
}

}  // namespace

struct AgeEncryptor::State {
  State(const FileKey& file_key, ByteView payload_nonce, ByteSink to)
      : cipher(file_key, payload_nonce, true), sink(std::move(to)) {}

  // The sink's failure ends the file: what it took of the chunk is not known.
  Status seal_buffered(bool last) {
    const MutableByteView sealed(out.data(), filled + kTagSize);
    cipher.seal(buffer.view().first(filled), last, sealed);
    filled = 0;
    ended = true;
    BH_CHECK(sink(sealed));
    ended = last;
    return {};
  }

  ChunkCipher cipher;
  ByteSink sink;
  SecretBytes buffer{kChunkSize};
  std::size_t filled = 0;
  Bytes out = Bytes(kChunkSize + kTagSize);
  bool ended = false;
};

AgeEncryptor::AgeEncryptor(std::unique_ptr<State> state) : state_(std::move(state)) {}
AgeEncryptor::AgeEncryptor(AgeEncryptor&&) noexcept = default;
AgeEncryptor& AgeEncryptor::operator=(AgeEncryptor&&) noexcept = default;
AgeEncryptor::~AgeEncryptor() = default;

Result<AgeEncryptor> AgeEncryptor::start(const std::vector<AgeRecipient>& recipients,
                                         Random& random, ByteSink sink) {
  if (recipients.empty() || recipients.size() > kMostRecipients) {
    return fail(ErrorCode::kInvalidArgument,
                "an age file is written for at least one and at most 20 recipients");
  }
  FileKey file_key;
  random.fill(file_key.mutable_view());
  BH_TRY(const std::string header, header_for(recipients, file_key, random));
  const auto payload_nonce = random.array<kPayloadNonceSize>();
  auto state = std::make_unique<State>(file_key, payload_nonce, std::move(sink));
  BH_CHECK(state->sink(as_bytes(header)));
  BH_CHECK(state->sink(payload_nonce));
  return AgeEncryptor(std::move(state));
}

// A full chunk stays in the buffer until more comes: only finish() knows which one is the last.
Status AgeEncryptor::write(ByteView plaintext) {
  BH_ASSERT(state_ != nullptr);
  if (state_->ended)
    return fail(ErrorCode::kInvalidArgument, "this age file has ended already: nothing can follow");
  while (!plaintext.empty()) {
    if (state_->filled == kChunkSize) BH_CHECK(state_->seal_buffered(false));
    const std::size_t count = std::min(kChunkSize - state_->filled, plaintext.size());
    std::ranges::copy(plaintext.first(count),
                      state_->buffer.mutable_view().begin() + state_->filled);
    state_->filled += count;
    plaintext = plaintext.subspan(count);
  }
  return {};
}

Status AgeEncryptor::finish() {
  BH_ASSERT(state_ != nullptr);
  if (state_->ended)
    return fail(ErrorCode::kInvalidArgument, "this age file has ended already: nothing can follow");
  return state_->seal_buffered(true);
}

Status age_decrypt(ByteView file, const std::vector<AgeIdentity>& identities,
                   const ByteSink& sink) {
  BH_TRY(const Header header, parse_header(file));
  BH_TRY(const FileKey file_key, find_file_key(header, identities));
  if (!equal_constant_time(header_mac(file_key, header.authenticated), header.mac)) {
    return fail(ErrorCode::kCorrupt, "the header of this age file does not verify: it was changed");
  }
  return decrypt_payload(file.subspan(header.size), file_key, sink);
}

}  // namespace bulkhead::crypto
