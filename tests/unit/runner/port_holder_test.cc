#include "runner/ports/port_holder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "runner/ports/port_leases.h"
#include "runner/ports/port_socket.h"

namespace trun {
namespace {

TEST(PortHolderTest, ReadsTheKernelsTable) {
  const char* text =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0 100 0 0 10 "
      "0\n"
      "   1: 0100007F:1F90 0100007F:B001 06 00000000:00000000 03:00000F00 00000000     0        0 0 3 0\n"
      "   2: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 7 1 0\n"
      "   3: 0100007F:FFFFF 0 0A 0 0 0 0 0 0 1\n"
      "   4: nonsense\n";
  EXPECT_EQ(parse_tcp_sockets(text), (std::vector<TcpSocket>{{8080, 10, 12345}, {8080, 6, 0}, {22, 10, 7}}));
  EXPECT_TRUE(parse_tcp_sockets("").empty());
}

TEST(PortHolderTest, NamesTheProcessThatListens) {
  PortLeases leases({"holder-test", {}, {}});
  const auto lease = leases.lease("api");
  ASSERT_TRUE(lease.ok()) << lease.error().message;
  EXPECT_EQ(holder_of_port(lease->number()), "");
  const auto server = listen_on_port(lease->number(), "127.0.0.1");
  ASSERT_TRUE(server.ok()) << server.error().message;
  const std::string holder = holder_of_port(lease->number());
  EXPECT_EQ(holder.find("process " + std::to_string(::getpid()) + " ("), 0u) << holder;
  EXPECT_NE(holder.find("runner_tests"), std::string::npos) << holder;
}

}  // namespace
}  // namespace trun
