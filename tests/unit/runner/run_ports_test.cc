#include "runner/ports/run_ports.h"

#include <gtest/gtest.h>

#include "runner/ports/port_socket.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

using Scope = PortSetting::Scope;

class RunPortsTest : public testing::Test {
 protected:
  RunPorts ports(std::vector<PortSetting> settings, bool private_networks = false) {
    return RunPorts(std::move(settings), leases_, private_networks);
  }
  /// A number that nobody has at this moment.
  std::uint16_t free_number() { return leases_.lease("probe")->number(); }

  TemporaryTree tree_;
  PortLeases leases_{{"run", tree_.path("leases"), {}}};
};

TEST_F(RunPortsTest, ASlotKeepsItsNumberAndSharesItWithNobody) {
  RunPorts made = ports({{"api", {}, Scope::slot, false}, {"shared", {}, Scope::run, false}});
  ASSERT_TRUE(made.open(2).ok());
  const auto first = made.number(0, "api"), second = made.number(1, "api");
  EXPECT_NE(*first, *second);
  EXPECT_EQ(*made.number(0, "api"), *first);
  EXPECT_EQ(*made.number(0, "shared"), *made.number(1, "shared"));
  EXPECT_NE(*made.number(0, "own"), *made.number(1, "own"));
  const auto said = made.environment(1);
  EXPECT_EQ(said, (std::vector<std::pair<std::string, std::string>>{
                      {"TRUN_PORT_API", std::to_string(*second)},
                      {"TRUN_PORT_SHARED", std::to_string(*made.number(0, "shared"))}}));
}

TEST_F(RunPortsTest, ReplacesANumberOnWhichSomebodySits) {
  RunPorts made = ports({{"api", {}, Scope::slot, false}, {"other", {}, Scope::slot, false}});
  ASSERT_TRUE(made.open(2).ok());
  const auto sat_on = *made.number(0, "api"), kept = *made.number(0, "other"), elsewhere = *made.number(1, "api");
  const auto server = listen_on_port(sat_on, "127.0.0.1"), neighbour = listen_on_port(elsewhere, "127.0.0.1");
  ASSERT_TRUE(server.ok() && neighbour.ok());
  ASSERT_TRUE(made.renew(0).ok());
  EXPECT_NE(*made.number(0, "api"), sat_on);
  EXPECT_EQ(*made.number(0, "other"), kept);
  EXPECT_EQ(*made.number(1, "api"), elsewhere) << "the worker that serves there lives";
}

TEST_F(RunPortsTest, AFixedNumberIsForOneHolder) {
  const std::uint16_t number = free_number();
  const auto refused = ports({{"api", number, Scope::slot, false}}).open(3);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, Error::Kind::usage);
  EXPECT_NE(refused.error().message.find("for each of 3 workers, which cannot all have it"), std::string::npos);
  EXPECT_TRUE(ports({{"api", number, Scope::slot, false}}).open(1).ok());
  RunPorts shared = ports({{"api", number, Scope::run, false}});
  ASSERT_TRUE(shared.open(3).ok());
  EXPECT_EQ(*shared.number(2, "api"), number);
}

TEST_F(RunPortsTest, InNetworksOfTheirOwnAllMayHaveAFixedNumber) {
  const std::uint16_t number = free_number();
  const auto server = listen_on_port(number, "127.0.0.1");
  RunPorts made = ports({{"api", number, Scope::slot, true}}, true);
  ASSERT_TRUE(made.open(3).ok()) << "who has it in the host's network does not matter";
  EXPECT_EQ(*made.number(2, "api"), number);
  EXPECT_FALSE(made.socket(2, "api", "127.0.0.1").ok()) << "a socket of ours would be in the wrong network";
}

TEST_F(RunPortsTest, WhatIsDeclaredCannotBeReleased) {
  RunPorts made = ports({{"api", {}, Scope::slot, false}});
  ASSERT_TRUE(made.open(1).ok());
  EXPECT_FALSE(made.release(0, "api").ok());
  const auto own = *made.number(0, "own");
  ASSERT_TRUE(made.release(0, "own").ok());
  EXPECT_TRUE(is_free_for_all(own).value());
  EXPECT_NE(*made.number(0, "own"), own);
  EXPECT_TRUE(made.release(0, "never had").ok());
}

TEST_F(RunPortsTest, AGuardIsHeld) {
  RunPorts made = ports({{"api", {}, Scope::slot, true}});
  ASSERT_TRUE(made.open(1).ok());
  const auto number = *made.number(0, "api");
  EXPECT_FALSE(is_free_for_all(number).value());
  EXPECT_TRUE(listen_on_port(number, "127.0.0.1").ok());
  ASSERT_TRUE(made.renew(0).ok());
  EXPECT_EQ(*made.number(0, "api"), number);
}

}  // namespace
}  // namespace trun
