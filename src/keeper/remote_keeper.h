// The vault's side of the keeper's socket.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/fd.h"
#include "keeper/protocol.h"
#include "vault/key_keeper.h"

namespace bulkhead::keeper {

// Keys of files that are opened are asked for without waiting, and come while the client asks for
// its first extents. New ones are made ahead, some at a time: each is a key to nothing until a file
// takes it.
//
// A keeper that is gone, does not answer for some seconds, or makes no sense is treated as sealed;
// its socket is closed, after which it forgets.
class RemoteKeeper final : public vault::KeyKeeper {
 public:
  // Waits for the keeper's greeting: kRefused, kNotFound… with the keeper's own words where it has
  // no root key.
  static Result<std::unique_ptr<RemoteKeeper>> connect(UniqueFd socket);
  ~RemoteKeeper() override;

  Result<Bytes> create_system_key() override;
  Result<crypto::AeadKey> unwrap_system_key(ByteView wrapped) override;
  Result<Bytes> create_organisation_key(vault::KeyEpoch which) override;
  Status load_organisation_key(vault::KeyEpoch which, ByteView wrapped) override;
  Result<NewFileKey> create_file_key(vault::KeyEpoch which) override;
  vault::AwaitedFileKey await_file_key(vault::KeyEpoch which, const vault::LineageId& lineage,
                                       ByteView wrapped) override;
  Result<RootKeyFacts> root_key() override;
  Result<Bytes> adopt_root_key(ByteView box) override;
  Result<Bytes> rewrap_system_key(ByteView wrapped) override;
  Result<Bytes> rewrap_organisation_key(vault::KeyEpoch which, ByteView wrapped) override;
  Status settle_root_key() override;
  Result<Bytes> rewrap_file_key(vault::KeyEpoch from, vault::KeyEpoch to,
                                const vault::LineageId& lineage, ByteView wrapped) override;
  void forget_organisation_key(vault::KeyEpoch which) override;
  std::uint64_t file_keys_unwrapped() const override { return file_keys_unwrapped_; }
  bool is_sealed() const override { return sealed_; }
  void forget() override;
  std::vector<std::string> warnings() const override { return warnings_; }
  // All of them: "passphrase, tpm".
  std::string_view seal() const override { return seals_; }

  // Where it greeted sealed: a passphrase goes to it in a box that this process cannot open. The
  // answer takes it a second or so; until then ask for nothing else.
  const crypto::SealedBoxPublicKey& unseal_key() const { return unseal_key_; }
  Status begin_unseal(ByteView box);
  int fd() const { return socket_.get(); }
  // When the descriptor is readable. kNotAuthenticated: the passphrase is wrong.
  Status finish_unseal();

 private:
  explicit RemoteKeeper(UniqueFd socket) : socket_(std::move(socket)) {}

  // A request under way, or its answer that nobody has taken yet.
  struct Waiting {
    bool answered = false;
    bool abandoned = false;
    Result<crypto::SecretBytes> answer;
    std::optional<vault::KeyEpoch> file_keys_of;  // made ahead, for this
  };

  Status wait_at_most(int seconds) const;
  Status greet();
  Result<std::uint64_t> begin(Request request);
  Result<crypto::SecretBytes> wait_for(std::uint64_t number);
  Result<crypto::SecretBytes> ask(const Request& request);
  Result<Bytes> ask_for_bytes(const Request& request);  // for what is no secret
  Status receive_one();
  void take_answer(const Reply& reply);
  void take_new_keys(vault::KeyEpoch which, const Result<crypto::SecretBytes>& answer);
  Status make_ahead(vault::KeyEpoch which);
  std::unexpected<Error> broken(const Error& error);

  Result<vault::FileKey> finish(std::uint64_t ticket) override;
  void abandon(std::uint64_t ticket) override;

  // New keys of one epoch.
  struct Ahead {
    std::deque<NewFileKey> keys;
    std::uint64_t under_way = 0;  // the request, or 0
    std::optional<Error> error;   // why the last one failed
  };

  UniqueFd socket_;
  bool sealed_ = true;
  std::uint64_t next_number_ = 1;
  std::uint64_t file_keys_unwrapped_ = 0;
  std::size_t under_way_ = 0;
  std::map<std::uint64_t, Waiting> waiting_;
  std::map<vault::KeyEpoch, Ahead> ahead_;
  std::vector<std::string> warnings_;
  std::string seals_;
  crypto::SealedBoxPublicKey unseal_key_{};
};

}  // namespace bulkhead::keeper
