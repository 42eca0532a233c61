#include "runner/ports/port_leases.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "runner/ports/port_socket.h"
#include "tests/unit/runner/kernel_helpers.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

/// A server as users write them: `option` is 0, SO_REUSEADDR or SO_REUSEPORT. An invalid Fd: the port is in use.
Fd serve(std::uint16_t port, int option, const char* address = "127.0.0.1") {
  Fd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (option != 0) ::setsockopt(server.get(), SOL_SOCKET, option, &on, sizeof on);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &place.sin_addr);
  const bool listens =
      ::bind(server.get(), reinterpret_cast<sockaddr*>(&place), sizeof place) == 0 && ::listen(server.get(), 5) == 0;
  return listens ? std::move(server) : Fd();
}

std::uint16_t port_of(const Fd& socket) {
  sockaddr_in place{};
  socklen_t size = sizeof place;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&place), &size);
  return ntohs(place.sin_port);
}

class PortLeasesTest : public testing::Test {
 protected:
  /// Runs that share a directory.
  PortLeases run(const std::string& id, std::vector<std::uint16_t> numbers = {}) {
    return PortLeases({id, tree_.path("leases"), std::move(numbers)});
  }
  /// Free numbers that no other process is given: neither runs of trun, which lease from 10000 on, nor tests beside
  /// this.
  std::vector<std::uint16_t> numbers(std::size_t count) {
    std::vector<std::uint16_t> found;
    for (int block = ::getpid() % 600; found.size() < count; block = (block + 1) % 600) {
      found.clear();
      for (int place = 0; place < 6 && found.size() < count; ++place) {
        const auto number = static_cast<std::uint16_t>(1100 + block * 6 + place);
        if (is_free_for_all(number).value()) found.push_back(number);
      }
    }
    return found;
  }
  std::size_t files() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(tree_.path("leases"))) ++count;
    return count;
  }

  TemporaryTree tree_;
};

TEST_F(PortLeasesTest, NoNumberIsGivenToTwoHolders) {
  PortLeases one = run("one"), two = run("two");
  std::vector<PortLease> held;
  std::set<std::uint16_t> seen;
  for (int i = 0; i < 50; ++i) {
    held.push_back(one.lease("a").value());
    held.push_back(two.lease("b").value());
  }
  for (const PortLease& lease : held) seen.insert(lease.number());
  EXPECT_EQ(seen.size(), held.size());
  EXPECT_EQ(files(), held.size());
  held.clear();
  EXPECT_EQ(files(), 0u);
}

TEST_F(PortLeasesTest, RunsThatDoNotSeeEachOthersDirectoryAreKeptApartToo) {
  const auto two_numbers = numbers(2);
  PortLeases one({"one", tree_.path("leases"), two_numbers}), two({"two", tree_.path("elsewhere"), two_numbers});
  const auto first = one.lease("a"), second = two.lease("a");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->number(), second->number());
}

TEST_F(PortLeasesTest, ANumberComesBackWithTheEndOfItsLeaseButNotAtOnce) {
  PortLeases leases = run("one", numbers(3));
  const std::uint16_t first = leases.lease("a")->number();
  const std::uint16_t second = leases.lease("a")->number(), third = leases.lease("a")->number();
  EXPECT_EQ((std::set<std::uint16_t>{first, second, third}.size()), 3u);
  EXPECT_EQ(leases.lease("a")->number(), first);
}

TEST_F(PortLeasesTest, SaysSoWhenAllAreTaken) {
  const auto two_numbers = numbers(2);
  PortLeases one = run("one", two_numbers), two = run("two", two_numbers);
  const auto lease = one.lease("a");
  const Fd server = serve(two_numbers[0] == lease->number() ? two_numbers[1] : two_numbers[0], SO_REUSEADDR);
  ASSERT_TRUE(server);
  const auto none = two.lease("api");
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().message.find("no port is free for 'api': of 2 numbers"), std::string::npos);
  EXPECT_NE(none.error().message.find(" 1 are leased to runs of trun"), std::string::npos) << none.error().message;
}

TEST_F(PortLeasesTest, ANumberOnWhichSomebodyListensIsPassedOver) {
  const auto two_numbers = numbers(2);
  for (const char* address : {"127.0.0.1", "0.0.0.0", "127.0.0.2"}) {
    const Fd server = serve(two_numbers[0], SO_REUSEADDR, address);
    ASSERT_TRUE(server);
    PortLeases leases = run("one", two_numbers);
    EXPECT_EQ(leases.lease("a")->number(), two_numbers[1]) << address;
    EXPECT_EQ(leases.lease("a")->number(), two_numbers[1]) << address;
  }
}

TEST_F(PortLeasesTest, AnyServerCanBindALeasedNumber) {
  PortLeases leases = run("one");
  for (const int option : {0, SO_REUSEADDR, SO_REUSEPORT}) {
    const auto lease = leases.lease("a");
    EXPECT_TRUE(serve(lease->number(), option)) << option;
    EXPECT_TRUE(serve(lease->number(), option, "0.0.0.0")) << option;
  }
}

TEST_F(PortLeasesTest, UnderAGuardServersNeedAnOption) {
  PortLeases leases = run("one");
  for (const int option : {SO_REUSEADDR, SO_REUSEPORT}) {
    auto lease = leases.lease("a");
    ASSERT_TRUE(lease->guard().ok());
    EXPECT_TRUE(lease->guarded());
    EXPECT_FALSE(serve(lease->number(), 0)) << "a stranger, or a server that sets neither";
    EXPECT_TRUE(serve(lease->number(), option)) << option;
    EXPECT_TRUE(serve(lease->number(), option, "0.0.0.0")) << option;
    lease->let_bind();
    EXPECT_TRUE(serve(lease->number(), 0));
  }
}

TEST_F(PortLeasesTest, AGuardTakesNoConnectionOfTheServers) {
  PortLeases leases = run("one");
  auto lease = leases.lease("a");
  ASSERT_TRUE(lease->guard().ok());
  const Fd server = serve(lease->number(), SO_REUSEPORT, "0.0.0.0");
  for (int i = 0; i < 50; ++i) {
    Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(lease->number());
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&place), sizeof place), 0);
    EXPECT_TRUE(Fd(::accept(server.get(), nullptr, nullptr)));
  }
}

TEST_F(PortLeasesTest, TheVerySocketComesWithoutAGap) {
  PortLeases leases = run("one");
  auto lease = leases.lease("a");
  ASSERT_TRUE(lease->guard().ok());
  const auto socket = lease->bound_socket("127.0.0.1", true);
  ASSERT_TRUE(socket.ok()) << socket.error().message;
  EXPECT_EQ(port_of(*socket), lease->number());
  EXPECT_FALSE(serve(lease->number(), SO_REUSEADDR)) << "it listens already";
}

TEST_F(PortLeasesTest, ASocketForATakenPortNamesTheHolder) {
  PortLeases leases = run("one");
  auto lease = leases.lease("api");
  const Fd server = serve(lease->number(), SO_REUSEADDR);
  EXPECT_FALSE(lease->free());
  for (const auto& error : {lease->bound_socket().error(), lease->guard().error()}) {
    EXPECT_NE(error.message.find("'api'"), std::string::npos) << error.message;
    EXPECT_NE(error.message.find("process " + std::to_string(::getpid())), std::string::npos) << error.message;
  }
  const auto nowhere = lease->bound_socket("localhost");
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().kind, Error::Kind::usage);
}

TEST_F(PortLeasesTest, AFixedNumberThatSomebodyListensOnNamesTheProcess) {
  const std::uint16_t number = numbers(1)[0];
  PortLeases leases = run("one");
  Fd server = serve(number, SO_REUSEADDR);
  const auto taken = leases.lease_fixed("api", number);
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().kind, Error::Kind::usage);
  EXPECT_EQ(taken.error().message.find("port " + std::to_string(number) + " ('api') is taken by process " +
                                       std::to_string(::getpid()) + " ("),
            0u)
      << taken.error().message;
  server.reset();
  EXPECT_EQ(leases.lease_fixed("api", number)->number(), number);
}

TEST_F(PortLeasesTest, AFixedNumberThatAnotherRunHasNamesTheRun) {
  const std::uint16_t number = numbers(1)[0];
  PortLeases one = run("first"), two = run("second");
  const auto lease = one.lease_fixed("web", number);
  ASSERT_TRUE(lease.ok());
  const auto taken = two.lease_fixed("api", number);
  ASSERT_FALSE(taken.ok());
  EXPECT_NE(taken.error().message.find("is leased by run first of trun (process " + std::to_string(::getpid()) +
                                       "), as 'web'"),
            std::string::npos)
      << taken.error().message;
}

TEST_F(PortLeasesTest, NumbersOfAKilledRunAreFreeAgain) {
  const auto one_number = numbers(1);
  Board& board = make_board();
  const pid_t child = fork_child([&] {
    PortLeases leases = run("dead", one_number);
    const auto lease = leases.lease("a");
    board.ready = lease.ok() ? 1 : 2;
    wait_for_death();
    return 0;
  });
  ASSERT_TRUE(eventually([&] { return board.ready != 0; }));
  ASSERT_EQ(board.ready, 1);
  PortLeases leases = run("one", one_number);
  EXPECT_FALSE(leases.lease("a").ok()) << "it lives";
  ::kill(child, SIGKILL);
  ASSERT_TRUE(wait_for(child));
  EXPECT_EQ(files(), 1u) << "its file is still there";
  EXPECT_EQ(leases.lease("a")->number(), one_number[0]);
  EXPECT_EQ(files(), 0u);
}

TEST_F(PortLeasesTest, ManyProcessesThatRaceNeverHoldOneNumberTogether) {
  constexpr int kProcesses = 8, kRounds = 150;
  const auto few = numbers(6);
  Board& board = make_board();  // orphans[i]: how many hold few[i]
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(fork_child([&, i] {
      PortLeases leases = run("run" + std::to_string(i), few);
      while (board.ready == 0) nap();
      for (int round = 0; round < kRounds; ++round) {
        const auto lease = leases.lease("a");
        if (!lease.ok()) continue;
        const auto place = std::find(few.begin(), few.end(), lease->number()) - few.begin();
        if (board.orphans[place].fetch_add(1) != 0) ++board.seen;
        const Fd server = serve(lease->number(), 0);
        if (!server) ++board.seen;
        board.orphans[place].fetch_sub(1);
        ++board.done;
      }
      return 0;
    }));
  }
  board.ready = 1;
  for (const pid_t child : children) EXPECT_TRUE(wait_for(child));
  EXPECT_EQ(board.seen, 0) << "of " << board.done;
  EXPECT_GT(board.done, kRounds);
}

TEST_F(PortLeasesTest, AChildThatWasForkedAndExecutedHoldsNoLease) {
  const auto one_number = numbers(1);
  pid_t child = 0;
  {
    PortLeases leases = run("one", one_number);
    const auto lease = leases.lease("a");
    child = ::fork();
    if (child == 0) {
      ::execl("/bin/sleep", "sleep", "60", nullptr);
      ::_exit(1);
    }
    ASSERT_TRUE(eventually([&] { return posix::process_facts(child)->command == "sleep 60"; }));
  }
  PortLeases leases = run("two", one_number);
  EXPECT_TRUE(leases.lease("a").ok());
  ::kill(child, SIGKILL);
  EXPECT_TRUE(wait_for(child));
}

}  // namespace
}  // namespace trun
