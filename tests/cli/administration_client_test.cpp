#include "cli/administration_client.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "channel/codec.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "bulkhead-cli-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Listens on FOLDER/admin.sock, takes one connection, and answers one request by a script.
class FakeServer {
 public:
  using Script = std::function<void(channel::MessageSocket&, const admin::Request&)>;

  FakeServer(const fs::path& folder, Script script)
      : listener_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
    const UniqueFd directory(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/admin.sock",
                  directory.get());
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    thread_ = std::thread([this, script = std::move(script)] {
      channel::MessageSocket socket(UniqueFd(::accept(listener_.get(), nullptr, nullptr)),
                                    channel::Descriptors::kRefuse);
      const auto question = socket.receive();
      admin::Request request;
      if (question && channel::decode(question->bytes, request)) script(socket, request);
    });
  }
  ~FakeServer() { thread_.join(); }

 private:
  UniqueFd listener_;
  std::thread thread_;
};

void answer(channel::MessageSocket& socket, const admin::Reply& reply,
            std::span<const UniqueFd> descriptors = {}) {
  ASSERT_TRUE(socket.send(*channel::encode(reply), descriptors));
}

admin::Request any_request() {
  admin::Request request;
  request.mutable_list_users()->set_organisation("main");
  return request;
}

TEST(AdministrationClient, GathersRepliesUntilTheLast) {
  const TemporaryFolder folder;
  const FakeServer server(folder.path(),
                          [](channel::MessageSocket& socket, const admin::Request& request) {
                            EXPECT_EQ(request.list_users().organisation(), "main");
                            for (int i = 0; i < 300; ++i) {
                              admin::Reply reply;
                              reply.set_more(true);
                              reply.mutable_user()->set_name("user" + std::to_string(i));
                              answer(socket, reply);
                            }
                            admin::Reply last;  // says only that there is no more
                            last.set_message("done");
                            answer(socket, last);
                          });
  auto client = AdministrationClient::connect(folder.path().string());
  ASSERT_TRUE(client);
  EXPECT_TRUE(client->server_runs());
  std::vector<std::string> names;
  ASSERT_TRUE(
      client->ask(any_request(), [&](const admin::Reply& reply, std::vector<UniqueFd>) -> Status {
        names.push_back(reply.user().name());
        return {};
      }));
  ASSERT_EQ(names.size(), 300U);
  EXPECT_EQ(names.back(), "user299");
}

TEST(AdministrationClient, PassesTheVaultsErrorOn) {
  const TemporaryFolder folder;
  const FakeServer server(folder.path(), [](channel::MessageSocket& socket, const admin::Request&) {
    admin::Reply reply;
    reply.set_code(channel::to_wire(ErrorCode::kAlreadyExists));
    reply.set_message("there is a user of that name already");
    answer(socket, reply);
  });
  auto client = AdministrationClient::connect(folder.path().string());
  ASSERT_TRUE(client);
  const Status asked = client->ask(any_request());
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(asked.error().message, "there is a user of that name already");
}

TEST(AdministrationClient, AnErrorAfterRepliesIsAnError) {
  const TemporaryFolder folder;
  const FakeServer server(folder.path(), [](channel::MessageSocket& socket, const admin::Request&) {
    admin::Reply reply;
    reply.set_more(true);
    reply.mutable_user()->set_name("first");
    answer(socket, reply);
    admin::Reply last;
    last.set_code(9999);
    answer(socket, last);
  });
  auto client = AdministrationClient::connect(folder.path().string());
  ASSERT_TRUE(client);
  const auto one = client->ask_for_one(any_request());
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().code, ErrorCode::kInternal);
  EXPECT_FALSE(one.error().message.empty());
}

TEST(AdministrationClient, DescriptorsComeWithTheirReply) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "sealed") << "findings";
  const FakeServer server(
      folder.path(), [&](channel::MessageSocket& socket, const admin::Request&) {
        std::vector<UniqueFd> descriptors;
        descriptors.emplace_back(::open((folder.path() / "sealed").c_str(), O_RDONLY | O_CLOEXEC));
        admin::Reply reply;
        reply.set_more(true);
        reply.set_descriptors(1);
        reply.mutable_release()->set_version(7);
        answer(socket, reply, descriptors);
        admin::Reply last;
        last.mutable_release()->set_version(8);
        answer(socket, last);
      });
  auto client = AdministrationClient::connect(folder.path().string());
  ASSERT_TRUE(client);
  std::vector<std::string> contents;
  ASSERT_TRUE(client->ask(
      any_request(), [&](const admin::Reply&, std::vector<UniqueFd> descriptors) -> Status {
        Bytes text(64);
        contents.push_back(descriptors.empty()
                               ? "none"
                               : to_string(ByteView(text).first(
                                     read_at(descriptors[0].get(), text, 0, "").value_or(0))));
        return {};
      }));
  EXPECT_EQ(contents, (std::vector<std::string>{"findings", "none"}));
}

TEST(AdministrationClient, MissingDescriptorsAreNotOverlooked) {
  const TemporaryFolder folder;
  const FakeServer server(folder.path(), [](channel::MessageSocket& socket, const admin::Request&) {
    admin::Reply reply;
    reply.set_descriptors(1);
    reply.mutable_release()->set_version(7);
    answer(socket, reply);
  });
  auto client = AdministrationClient::connect(folder.path().string());
  ASSERT_TRUE(client);
  const auto one = client->ask_for_one(any_request());
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().code, ErrorCode::kMalformed);
}

TEST(AdministrationClient, NonsenseFromTheServerIsSaid) {
  const TemporaryFolder folder;
  const FakeServer server(folder.path(), [](channel::MessageSocket& socket, const admin::Request&) {
    ASSERT_TRUE(socket.send(as_bytes("\xff\xff\xff")));
  });
  auto client = AdministrationClient::connect(folder.path().string());
  ASSERT_TRUE(client);
  const Status asked = client->ask(any_request());
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, ErrorCode::kMalformed);
}

TEST(AdministrationClient, TheServerMayDie) {
  const TemporaryFolder folder;
  const FakeServer server(folder.path(), [](channel::MessageSocket&, const admin::Request&) {});
  auto client = AdministrationClient::connect(folder.path().string());
  ASSERT_TRUE(client);
  const Status asked = client->ask(any_request());
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, ErrorCode::kDisconnected);
}

TEST(AdministrationClient, FoldersWithNamesLongerThanASocketAddress) {
  const TemporaryFolder folder;
  const fs::path deep = folder.path() / std::string(200, 'd') / std::string(200, 'e');
  fs::create_directories(deep);
  const FakeServer server(deep, [](channel::MessageSocket& socket, const admin::Request&) {
    admin::Reply reply;
    reply.set_message("done");
    answer(socket, reply);
  });
  auto client = AdministrationClient::connect(deep.string());
  ASSERT_TRUE(client);
  EXPECT_TRUE(client->ask(any_request()));
}

TEST(AdministrationClient, AFolderThatIsNotThere) {
  const auto client = AdministrationClient::connect("/nonexistent/deployment");
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, ErrorCode::kNotFound);
  EXPECT_NE(client.error().message.find("bulkhead init"), std::string::npos);
}

TEST(AdministrationClient, StartsAVaultWhereNoServerRunsAndWaitsForItsEnd) {
  const TemporaryFolder folder;
  {
    auto client = AdministrationClient::connect(folder.path().string(), FAKE_VAULT);
    ASSERT_TRUE(client);
    EXPECT_FALSE(client->server_runs());
    const auto one = client->ask_for_one(any_request());
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_EQ(one->folder().path(), folder.path().string());
    EXPECT_TRUE(
        client->ask_for_one(any_request()));  // the same connection serves the next question
    EXPECT_FALSE(fs::exists(folder.path() / "ended"));
  }
  EXPECT_TRUE(fs::exists(folder.path() / "ended"));
}

TEST(AdministrationClient, AnAbandonedSocketCountsAsNoServer) {
  const TemporaryFolder folder;
  {
    const FakeServer server(folder.path(), [](channel::MessageSocket&, const admin::Request&) {});
    auto client = AdministrationClient::connect(folder.path().string());
    ASSERT_TRUE(client);
    EXPECT_FALSE(client->ask(any_request()));
  }
  ASSERT_TRUE(fs::exists(folder.path() / "admin.sock"));
  auto client = AdministrationClient::connect(folder.path().string(), FAKE_VAULT);
  ASSERT_TRUE(client);
  EXPECT_FALSE(client->server_runs());
  EXPECT_TRUE(client->ask_for_one(any_request()));
}

TEST(AdministrationClient, AVaultThatDiesInSilenceIsReported) {
  const TemporaryFolder folder;
  auto client = AdministrationClient::connect(folder.path().string(), "/bin/false");
  ASSERT_TRUE(client);
  const Status asked = client->ask(any_request());
  ASSERT_FALSE(asked);
  EXPECT_NE(asked.error().message.find("exit 1"), std::string::npos);
}

TEST(AdministrationClient, AVaultThatSaysWhyIsHeard) {
  const TemporaryFolder folder;
  const fs::path program = folder.path() / "complaining_vault";
  std::ofstream(program) << "#!/bin/sh\necho '2026 vault info started' >&2\necho 'bulkhead: the "
                            "root key is missing: bring it back' >&2\nexit 1\n";
  fs::permissions(program, fs::perms::owner_all);
  auto client = AdministrationClient::connect(folder.path().string(), program.string());
  ASSERT_TRUE(client);
  testing::internal::CaptureStderr();
  const Status asked = client->ask(any_request());
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "bulkhead: the root key is missing: bring it back\n");
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().message, "");  // told already
}

TEST(AdministrationClient, ACommandThatIsTooLongIsRefusedBeforeItIsSent) {
  const TemporaryFolder folder;
  auto client = AdministrationClient::connect(folder.path().string(), FAKE_VAULT);
  ASSERT_TRUE(client);
  admin::Request request;
  request.mutable_add_organisation()->set_name(std::string(200 * 1024, 'x'));
  const Status asked = client->ask(request);
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace bulkhead::cli
