// test-fill-folder DEPLOYMENT PATH COUNT: makes COUNT folders in the folder PATH of a deployment
// whose server is stopped, by entries of the journal: a million in some minutes, where clients
// would need hours. Folders, because files would ask for an analyst each.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>

#include "local_keeper_source.h"
#include "processes/vault/deployment.h"

namespace bulkhead::processes {
namespace {

using vault::ChannelId;

class Nobody final : public vault::Outbox, public vault::Processes {
 public:
  void send(ChannelId, channel::Reply, std::vector<UniqueFd>) override {}
  void end(ChannelId) override {}
  void peer_offended(const std::string&, Offence) override {}
  void start_analyst() override {}
  void start_compactor() override {}
  void kill(std::vector<ChannelId>, std::function<void(std::uint32_t)> done) override { done(0); }
  void accept_clients(bool) override {}
};

Result<vault::NodeRow> folder_at(const vault::Vault::Parts& parts, std::string_view path) {
  BH_TRY(auto node, parts.catalogue.node(vault::kRootNode));
  while (!path.empty() && node) {
    path.remove_prefix(1);  // '/'
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(name.size());
    BH_TRY(node, parts.catalogue.child(node->id, parts.names.node_hash(node->id, name)));
  }
  if (!node || !node->is_folder) return fail(ErrorCode::kNotFound, "there is no such folder");
  return std::move(*node);
}

Status fill(const std::string& deployment_folder, std::string_view path, std::uint64_t count) {
  BH_TRY(const auto deployment, Deployment::open(deployment_folder, local_keeper()));
  BH_TRY(const auto workers, vault::WorkerPool::start(1, 1));
  Nobody nobody;
  const vault::Vault::Parts parts = deployment->parts(*workers, nobody, nobody);
  vault::Vault vault(parts);
  BH_CHECK(vault.start(deployment->torn_bytes()));
  BH_TRY(const vault::NodeRow folder, folder_at(parts, path));
  constexpr std::uint64_t kBatch = 10'000;
  for (std::uint64_t i = 0; i < count; ++i) {
    BH_CHECK(vault.make_folder(folder.id, fmt::format("claims-of-march-{:08}.d", i),
                               folder.organisation, folder.creator, {}, 0755));
    if (i % kBatch != kBatch - 1) continue;
    BH_CHECK(deployment->committer().flush());
    vault.durable();
  }
  BH_CHECK(vault.stop());
  return deployment->close();
}

}  // namespace
}  // namespace bulkhead::processes

int main(int argc, char** argv) {
  using namespace bulkhead;
  if (argc != 4) return 2;
  const std::string_view text = argv[3];
  std::uint64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  const Status done = processes::fill(argv[1], argv[2], count);
  if (done) return 0;
  std::fprintf(stderr, "test-fill-folder: %s\n", done.error().message.c_str());
  return 1;
}
