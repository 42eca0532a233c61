#include "runner/services/plan/service_values.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

using Scope = ServiceOptions::Scope;

class ServiceValuesTest : public testing::Test {
 protected:
  void SetUp() override {
    services_.resize(3);
    services_[0].name = "my-db";
    services_[0].place = "trun.toml:1";
    services_[0].ports = {{"sql", 0}, {"admin", 0}};
    services_[0].scope = Scope::slot_database;
    services_[0].database.kind = SlotDatabase::Kind::postgresql;
    services_[1].name = "cache";
    services_[1].scope = Scope::worker;
    services_[1].ports = {{"tcp", 0}};
    services_[2].name = "api";
    services_[2].place = "trun.toml:9";
    services_[2].ports = {{"http", 0}};
    services_[2].ready.kind = ReadyCheck::Kind::http;
    plan_ = plan_services(services_, 2).value();
    values_ = std::make_unique<ServiceValues>(services_, plan_, "0123456789abcdef");
    values_->set_port(0, "sql", 1000);
    values_->set_port(0, "admin", 1001);
    values_->set_port(1, "tcp", 2000);
    values_->set_port(2, "tcp", 2001);
    values_->set_port(3, "http", 3000);
    values_->set_directory(3, "/tmp/api");
  }

  std::string expanded(ServiceIndex service, std::string_view text, std::optional<Slot> slot = {}) const {
    const auto out = values_->expand(service, text, slot);
    return out.ok() ? *out : "error: " + out.error().message;
  }

  static std::string text(const Result<Variables>& variables) {
    std::string out;
    for (const auto& [name, value] : variables.value()) out += name + "=" + value + "\n";
    return out;
  }

  std::vector<ServiceOptions> services_;
  ServicePlan plan_;
  std::unique_ptr<ServiceValues> values_;
};

TEST_F(ServiceValuesTest, PortsOfTheRunStandBehindItsOwn) {
  const auto others = [](std::optional<Slot> slot, std::string_view name) -> std::optional<std::uint16_t> {
    if (name == "hub" || name == "http") return 4000;
    return name == "web" && slot ? std::optional<std::uint16_t>(4001 + *slot) : std::nullopt;
  };
  values_ = std::make_unique<ServiceValues>(services_, plan_, "0123456789abcdef", others);
  values_->set_port(3, "http", 3000);
  EXPECT_EQ(expanded(3, "{port.http} {port.hub}"), "3000 4000");
  EXPECT_EQ(expanded(2, "{port.web}"), "4002") << "its slot's";
  EXPECT_NE(expanded(3, "{port.web}").find("'{port.web}' is not known here"), std::string::npos) << "whose?";
  EXPECT_NE(expanded(3, "{service.my-db.port.hub}").find("is not known here"), std::string::npos);
}

TEST_F(ServiceValuesTest, ATestFindsWhatItsSlotUses) {
  EXPECT_EQ(text(values_->for_tests(1)),
            "TRUN_SERVICE_MY_DB_HOST=127.0.0.1\nTRUN_SERVICE_MY_DB_PORT=1000\nTRUN_SERVICE_MY_DB_PORT_SQL=1000\n"
            "TRUN_SERVICE_MY_DB_PORT_ADMIN=1001\n"
            "TRUN_SERVICE_MY_DB_URL=postgresql://postgres@127.0.0.1:1000/trun_01234567_1\n"
            "TRUN_SERVICE_MY_DB_DATABASE=trun_01234567_1\n"
            "TRUN_SERVICE_CACHE_HOST=127.0.0.1\nTRUN_SERVICE_CACHE_PORT=2001\nTRUN_SERVICE_CACHE_PORT_TCP=2001\n"
            "TRUN_SERVICE_API_HOST=127.0.0.1\nTRUN_SERVICE_API_PORT=3000\nTRUN_SERVICE_API_PORT_HTTP=3000\n"
            "TRUN_SERVICE_API_URL=http://127.0.0.1:3000\n");
}

TEST_F(ServiceValuesTest, AServiceForAllIsNotToldOfWhatIsASlots) {
  EXPECT_EQ(text(values_->of_others(std::nullopt)),
            "TRUN_SERVICE_MY_DB_HOST=127.0.0.1\nTRUN_SERVICE_MY_DB_PORT=1000\nTRUN_SERVICE_MY_DB_PORT_SQL=1000\n"
            "TRUN_SERVICE_MY_DB_PORT_ADMIN=1001\nTRUN_SERVICE_MY_DB_URL=postgresql://postgres@127.0.0.1:1000\n"
            "TRUN_SERVICE_API_HOST=127.0.0.1\nTRUN_SERVICE_API_PORT=3000\nTRUN_SERVICE_API_PORT_HTTP=3000\n"
            "TRUN_SERVICE_API_URL=http://127.0.0.1:3000\n");
}

TEST_F(ServiceValuesTest, TemplatesNameOwnThingsAndThoseOfOthers) {
  EXPECT_EQ(expanded(3, "{name} {host} {port} {port.http} {dir} {run_id}"),
            "api 127.0.0.1 3000 3000 /tmp/api 01234567");
  EXPECT_EQ(expanded(3, "{service.my-db.port} {service.my-db.port.admin} {service.my-db.url}"),
            "1000 1001 postgresql://postgres@127.0.0.1:1000");
  EXPECT_EQ(expanded(2, "{slot} {port}"), "1 2001");
  EXPECT_EQ(expanded(0, "{database}", 1), "trun_01234567_1");
}

TEST_F(ServiceValuesTest, WhatMeansNothingThereIsAnErrorWithItsPlace) {
  EXPECT_EQ(expanded(3, "{port.sql}"),
            "error: trun.toml:9: service 'api': '{port.sql}' is not known here (there are: {name}, {host}, {dir}, "
            "{run_id}, {port.http}, {port.NAME} of [ports], {service.NAME.port}, {service.NAME.host}, "
            "{service.NAME.url}); '{{' stands for a "
            "brace");
  for (const char* text : {"{slot}", "{database}", "{service.nobody.port}", "{service.cache.port}"}) {
    EXPECT_EQ(expanded(3, text).substr(0, 6), "error:") << text;
  }
}

}  // namespace
}  // namespace trun
