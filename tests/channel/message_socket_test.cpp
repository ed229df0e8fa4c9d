#include "channel/message_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace bulkhead::channel {
namespace {

struct Ends {
  UniqueFd left;
  UniqueFd right;
};

Ends make_ends() {
  auto pair = MessageSocket::make_pair();
  EXPECT_TRUE(pair);
  return {std::move(pair->first), std::move(pair->second)};
}

std::vector<UniqueFd> some_descriptors(std::size_t count) {
  std::vector<UniqueFd> descriptors;
  for (std::size_t i = 0; i < count; ++i)
    descriptors.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return descriptors;
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

// What a peer that does not use our code can send.
void send_raw(int fd, std::size_t bytes, const std::vector<UniqueFd>& descriptors) {
  Bytes payload(bytes, 'x');
  iovec vector{payload.data(), payload.size()};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  std::vector<char> control(CMSG_SPACE(descriptors.size() * sizeof(int)));
  if (!descriptors.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    *rights = {CMSG_LEN(descriptors.size() * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    std::vector<int> numbers;
    for (const UniqueFd& fd_to_send : descriptors)
      numbers.push_back(fd_to_send.get());
    std::memcpy(CMSG_DATA(rights), numbers.data(), numbers.size() * sizeof(int));
  }
  ASSERT_EQ(::sendmsg(fd, &header, MSG_NOSIGNAL), static_cast<ssize_t>(bytes))
      << std::strerror(errno);
}

TEST(MessageSocket, KeepsMessagesApartAndDescriptorsWithThem) {
  Ends ends = make_ends();
  MessageSocket vault(std::move(ends.left), Descriptors::kRefuse);
  MessageSocket edge(std::move(ends.right), Descriptors::kAccept);

  int pipe_ends[2];
  ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
  UniqueFd reading(pipe_ends[0]);
  std::vector<UniqueFd> sent;
  sent.emplace_back(pipe_ends[1]);
  ASSERT_TRUE(vault.send(as_bytes("first"), sent));
  ASSERT_TRUE(vault.send(as_bytes("second")));
  sent.clear();

  auto first = edge.receive();
  ASSERT_TRUE(first);
  EXPECT_EQ(as_text(first->bytes), "first");
  ASSERT_EQ(first->descriptors.size(), 1U);
  EXPECT_NE(::fcntl(first->descriptors[0].get(), F_GETFD) & FD_CLOEXEC, 0);
  ASSERT_EQ(::write(first->descriptors[0].get(), "!", 1), 1);
  char byte = 0;
  ASSERT_EQ(::read(reading.get(), &byte, 1), 1);
  EXPECT_EQ(byte, '!');

  auto second = edge.receive();
  ASSERT_TRUE(second);
  EXPECT_EQ(as_text(second->bytes), "second");
  EXPECT_TRUE(second->descriptors.empty());
}

TEST(MessageSocket, CarriesTheLargestMessageAndTheMostDescriptors) {
  Ends ends = make_ends();
  MessageSocket vault(std::move(ends.left), Descriptors::kRefuse);
  MessageSocket edge(std::move(ends.right), Descriptors::kAccept);
  const Bytes large(kMaxMessageBytes, 0x5a);
  auto sent = vault.try_send(large, some_descriptors(kMaxDescriptors));
  ASSERT_TRUE(sent);
  ASSERT_TRUE(*sent);
  auto got = edge.receive();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->bytes, large);
  EXPECT_EQ(got->descriptors.size(), kMaxDescriptors);
}

TEST(MessageSocket, RefusedDescriptorsNeverEnterTheProcess) {
  Ends ends = make_ends();
  MessageSocket vault(std::move(ends.left), Descriptors::kRefuse);
  for (const std::size_t count : {std::size_t{1}, std::size_t{200}}) {
    const auto descriptors = some_descriptors(count);
    const std::size_t before = open_descriptors();
    send_raw(ends.right.get(), 10, descriptors);
    auto got = vault.try_receive();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::kMalformed);
    EXPECT_EQ(open_descriptors(), before);
  }
}

TEST(MessageSocket, MoreDescriptorsThanFitAreAnErrorAndAreClosed) {
  Ends ends = make_ends();
  MessageSocket edge(std::move(ends.left), Descriptors::kAccept);
  const auto descriptors = some_descriptors(kMaxDescriptors + 1);
  const std::size_t before = open_descriptors();
  send_raw(ends.right.get(), 10, descriptors);
  auto got = edge.receive();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(open_descriptors(), before);
}

TEST(MessageSocket, TooLongAndEmptyDatagramsAreErrors) {
  Ends ends = make_ends();
  MessageSocket vault(std::move(ends.left), Descriptors::kRefuse);
  send_raw(ends.right.get(), kMaxMessageBytes + 1, {});
  auto got = vault.try_receive();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kLimitExceeded);
  send_raw(ends.right.get(), 0, {});
  got = vault.try_receive();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kDisconnected);
}

TEST(MessageSocket, NonBlockingSidesSayThatTheyWouldBlock) {
  Ends ends = make_ends();
  MessageSocket vault(std::move(ends.left), Descriptors::kRefuse);
  auto nothing = vault.try_receive();
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(*nothing);
  const Bytes large(kMaxMessageBytes, 1);
  bool taken = true;
  int count = 0;
  while (taken && count < 1000) {
    auto sent = vault.try_send(large);
    ASSERT_TRUE(sent);
    taken = *sent;
    ++count;
  }
  EXPECT_FALSE(taken);
  EXPECT_GT(count, 1);
}

TEST(MessageSocket, APeerThatIsGoneIsSaid) {
  Ends ends = make_ends();
  MessageSocket vault(std::move(ends.left), Descriptors::kRefuse);
  ends.right.reset();
  auto got = vault.try_receive();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kDisconnected);
  auto sent = vault.try_send(as_bytes("x"));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kDisconnected);
}

}  // namespace
}  // namespace bulkhead::channel
