// What one small upload costs the vault: OPEN and commit, all that happens between a request and
// its answer.
//
//     upload_bench [UPLOADS]
//
// Instructions are counted by valgrind's callgrind, with --collect-atstart=no and
// --toggle-collect= for 'bulkhead::vault::Vault::request*' and 'bulkhead::vault::Vault::durable*'.
// The folder has durability = crash: nothing waits for the disk, so the count is nearly the same
// each time. It knows no SHA instructions: hashing counts for more than it costs.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "processes/content/stored_content.h"
#include "vault_harness.h"

namespace bulkhead {
namespace {

constexpr std::size_t kBytes = 4096;

// The key of extent 0, which comes with the answer.
class GivenKey final : public store::ExtentKeySource {
 public:
  explicit GivenKey(const std::string& bytes) {
    BH_ASSERT(bytes.size() == key_.size());
    std::ranges::copy(as_bytes(bytes), key_.mutable_view().begin());
  }
  Result<const crypto::AeadKey*> get(std::uint64_t) override { return &key_; }

 private:
  crypto::AeadKey key_;
};

class Uploader {
 public:
  Uploader() : key_(harness_.add_user("ada")) {
    admin::Request crash;
    crash.mutable_set_durability()->set_path("/home/ada");
    crash.mutable_set_durability()->set_durability("crash");
    BH_ASSERT(harness_.administer(std::move(crash)).back().code() == 0);
    channel_ = harness_.log_in("ada", key_);
  }

  void upload(int number) {
    channel::Request open;
    *open.mutable_open_file()->mutable_path() =
        vault::VaultHarness::path({"home", "ada", fmt::format("file{:05}", number)});
    open.mutable_open_file()->set_write(true);
    open.mutable_open_file()->set_create(true);
    open.mutable_open_file()->set_truncate(true);
    vault::Received opened = ask(std::move(open));
    const channel::OpenedFile& file = opened.reply.opened_file();
    channel::Request commit = finished(file, std::move(opened.descriptors));
    commit.mutable_commit_upload()->set_handle(file.handle());
    commit.mutable_commit_upload()->set_close(true);
    ask(std::move(commit));
    if (number % 1000 == 999) harness_.vault().tick();
  }

 private:
  vault::Received ask(channel::Request request) {
    auto answer = harness_.ask_quickly(channel_, std::move(request));
    BH_ASSERT(answer && answer->reply.code() == 0);
    return std::move(*answer);
  }

  channel::Request finished(const channel::OpenedFile& file, std::vector<UniqueFd> descriptors) {
    GivenKey key(file.write_key_extent_0());
    auto content = processes::opened_content(file, std::move(descriptors)).value();
    auto writer =
        store::BlobWriter::create(content.lineage, content.staging, key, crypto::system_random())
            .value();
    content.staging.file.reset();
    BH_ASSERT(writer.write(0, contents_).has_value());
    const store::FinishedVersion version = writer.finish().value();
    channel::Request commit;
    auto* message = commit.mutable_commit_upload();
    message->set_size(version.description.size);
    message->set_description(to_string(ByteView(version.description.serialise())));
    message->set_inline_box(to_string(ByteView(version.inline_box)));
    return commit;
  }

  vault::VaultHarness harness_;
  crypto::Ed25519KeyPair key_;
  vault::ChannelId channel_;
  Bytes contents_ = Bytes(kBytes, 7);
};

}  // namespace
}  // namespace bulkhead

int main(int argc, char** argv) {
  using namespace bulkhead;
  const int uploads = argc > 1 ? std::atoi(argv[1]) : 10'000;
  Uploader uploader;
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < uploads; ++i)
    uploader.upload(i);
  const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  fmt::print("{} uploads of {} bytes: {:.1f} us each\n", uploads, kBytes, s / uploads * 1e6);
}
