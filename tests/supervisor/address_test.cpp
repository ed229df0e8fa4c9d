#include "supervisor/address.h"

#include <gtest/gtest.h>

namespace bulkhead::supervisor {
namespace {

TEST(Address, GoesThereAndBack) {
  for (const char* text : {"127.0.0.1:2022", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:22",
                           "[::]:0", "[2001:db8::1]:2022"}) {
    auto address = parse_socket_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_string(*address), text);
  }
}

TEST(Address, RefusesEverythingElse) {
  for (const char* text :
       {"", ":", "2022", ":2022", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:22x", "localhost:22", "::1:22", "[::1]", "[::1]:", "[::1:22", "[]:22", "[",
        "1.2.3:22", "[127.0.0.1]:22", " 127.0.0.1:22"}) {
    auto address = parse_socket_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, ErrorCode::kInvalidArgument) << text;
  }
}

TEST(Address, CountsAnIpv6NetworkAsOne) {
  EXPECT_EQ(counting_key(*parse_socket_address("203.0.113.5:1")), "203.0.113.5");
  EXPECT_EQ(counting_key(*parse_socket_address("[2001:db8:1:2:aaaa::1]:1")), "2001:db8:1:2::/64");
  EXPECT_EQ(counting_key(*parse_socket_address("[2001:db8:1:2:bbbb::9]:2")), "2001:db8:1:2::/64");
  EXPECT_NE(counting_key(*parse_socket_address("[2001:db8:1:3::1]:1")), "2001:db8:1:2::/64");
  EXPECT_EQ(counting_key(*parse_socket_address("[::ffff:203.0.113.5]:1")), "203.0.113.5");
  EXPECT_EQ(host_of(*parse_socket_address("[::ffff:203.0.113.5]:1")), "203.0.113.5");
}

}  // namespace
}  // namespace bulkhead::supervisor
