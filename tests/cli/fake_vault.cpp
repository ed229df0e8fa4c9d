// Takes one question on descriptor 3 as bulkhead-vault does, answers with the folder that it was
// told, and ends when the connection closes; then it leaves a file behind, so that a test sees that
// it was waited for.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <string_view>

#include "channel/codec.h"
#include "channel/message_socket.h"
#include "proto/admin.pb.h"

int main(int argc, char** argv) {
  using namespace bulkhead;
  if (argc != 5 || std::string_view(argv[1]) != "--data" ||
      std::string_view(argv[3]) != "--administration-fd" || std::string_view(argv[4]) != "3") {
    fmt::print(stderr, "fake_vault: unexpected arguments\n");
    return 2;
  }
  for (int fd = 4; fd < 64; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) {
      fmt::print(stderr, "fake_vault: descriptor {} was left open\n", fd);
      return 2;
    }
  }
  channel::MessageSocket socket(UniqueFd(3), channel::Descriptors::kRefuse);
  while (const auto question = socket.receive()) {
    admin::Request request;
    if (!channel::decode(question->bytes, request)) return 2;
    admin::Reply reply;
    reply.mutable_folder()->set_path(argv[2]);
    if (!socket.send(*channel::encode(reply))) return 2;
  }
  ::usleep(50'000);
  const int left = ::open((std::string(argv[2]) + "/ended").c_str(), O_WRONLY | O_CREAT, 0600);
  return left >= 0 ? 0 : 2;
}
