#include "runner/services/plan/service_plan.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

using Scope = ServiceOptions::Scope;

ServiceOptions service(std::string name, unsigned line, std::vector<std::string> depends_on = {}) {
  ServiceOptions options;
  options.name = std::move(name);
  options.place = "trun.toml:" + std::to_string(line);
  options.depends_on = std::move(depends_on);
  return options;
}

std::string error(const std::vector<ServiceOptions>& services) {
  const auto plan = plan_services(services, 2);
  return plan.ok() ? "" : plan.error().message;
}

std::string order(const ServicePlan& plan) {
  std::string text;
  for (const auto& instance : plan.instances) {
    text += instance.name + "(";
    for (const ServiceIndex need : instance.needs) text += plan.instances[need].name + ",";
    text += ") ";
  }
  return text;
}

TEST(ServicePlanTest, WhatIsNeededComesFirst) {
  const auto plan = plan_services(
      {service("web", 1, {"api", "cache"}), service("api", 2, {"db"}), service("db", 3), service("cache", 4)}, 2);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(order(*plan), "db() api(db,) cache() web(api,cache,) ");
}

TEST(ServicePlanTest, OneADependencyNamedTwiceIsOne) {
  const auto plan = plan_services({service("web", 1, {"db", "db"}), service("db", 3)}, 2);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(order(*plan), "db() web(db,) ");
}

TEST(ServicePlanTest, EachSlotHasItsOwnOfScopeWorker) {
  std::vector<ServiceOptions> services = {service("cache", 1), service("api", 2, {"cache", "db"}), service("db", 3)};
  services[0].scope = services[1].scope = Scope::worker;
  const auto plan = plan_services(services, 2);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(order(*plan),
            "cache of gw0() cache of gw1() db() api of gw0(cache of gw0,db,) api of gw1(cache of gw1,db,) ");
  EXPECT_EQ(plan->find(services, "api", 1), 4u);
  EXPECT_EQ(plan->find(services, "db", 1), 2u);
  EXPECT_EQ(plan->find(services, "nobody", 1), std::nullopt);
}

TEST(ServicePlanTest, AnUnknownDependencyIsNamedWithItsPlace) {
  EXPECT_EQ(error({service("api", 7, {"dp"}), service("db", 9)}),
            "trun.toml:7: service 'api': depends_on names 'dp', which is no service (there are: api, db); declare "
            "[services.dp] or take the name out");
}

TEST(ServicePlanTest, ACircleIsWrittenOut) {
  EXPECT_EQ(error({service("web", 1, {"a"}), service("a", 2, {"b"}), service("b", 3, {"c"}), service("c", 4, {"a"})}),
            "trun.toml:2: service 'a': depends_on goes round in a circle: a -> b -> c -> a; take one of these out");
  EXPECT_EQ(error({service("a", 5, {"a"})}),
            "trun.toml:5: service 'a': depends_on goes round in a circle: a -> a; take one of these out");
}

TEST(ServicePlanTest, NobodyNeedsALaterPhase) {
  std::vector<ServiceOptions> services = {service("db", 1, {"api"}), service("api", 2)};
  services[0].phase = ServicePhase::databases;
  EXPECT_EQ(error(services),
            "trun.toml:1: service 'db': depends on 'api', which is started in a later phase ('services' comes after "
            "'databases'); give one of them another phase");
}

TEST(ServicePlanTest, OneForAllNeedsNoneOfAWorker) {
  std::vector<ServiceOptions> services = {service("db", 1, {"api"}), service("api", 2)};
  services[1].scope = Scope::worker;
  EXPECT_EQ(error(services),
            "trun.toml:1: service 'db': is one for all workers and depends on 'api', of which each worker has its own; "
            "give both the same scope");
}

TEST(ServicePlanTest, TwoOfOneNameAreRefused) {
  EXPECT_EQ(error({service("db", 1), service("db", 8)}),
            "trun.toml:8: service 'db': there is another one of that name at trun.toml:1");
}

TEST(ServicePlanTest, ACheckNeedsAPortOfItsOwn) {
  std::vector<ServiceOptions> services = {service("db", 1)};
  services[0].ready.kind = ReadyCheck::Kind::tcp;
  EXPECT_EQ(error(services), "trun.toml:1: service 'db': its ready check (tcp) needs a port: declare it in ports");
  services[0].ports = {{"sql", 0}};
  EXPECT_EQ(error(services), "");
  services[0].ready.port = "http";
  EXPECT_EQ(error(services),
            "trun.toml:1: service 'db': its ready check (tcp) names the port 'http', which is none of its own; declare "
            "it in ports");
}

}  // namespace
}  // namespace trun
