#include "runner/config/service_config.h"

#include <gtest/gtest.h>

#include <csignal>

#include "runner/config/config.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

/// Services as a file with this text declares them, or what is wrong with it.
class ServiceConfigTest : public testing::Test {
 protected:
  Result<std::vector<ServiceOptions>> read(const std::string& text) {
    tree_.write("trun.toml", text);
    TRUN_TRY(config, load_config({}, tree_.root()));
    return config.services;
  }

  ServiceOptions one(const std::string& keys) { return read("[services.db]\n" + keys).value().at(0); }

  /// Behind the file's path.
  std::string error(const std::string& keys) {
    const auto services = read("[services.db]\n" + keys);
    if (services.ok()) return "";
    const std::string& message = services.error().message;
    return message.substr(message.find("trun.toml") + 9);
  }

  TemporaryTree tree_;
};

TEST_F(ServiceConfigTest, ACommandIsAllThatIsNeeded) {
  const ServiceOptions db = one("command = 'x $HOME'");
  EXPECT_EQ(db.name, "db");
  EXPECT_EQ(db.command, (std::vector<std::string>{"/bin/sh", "-c", "x $HOME"}));
  EXPECT_EQ(db.ready, ReadyCheck{});
  EXPECT_EQ(db.restarts, 0u);
  EXPECT_EQ(db.stop_signal, SIGTERM);
  EXPECT_TRUE(db.place.ends_with("trun.toml:1")) << db.place;
}

TEST_F(ServiceConfigTest, AnArgumentMayBeEmpty) {
  EXPECT_EQ(one("command = ['x', '']").command, (std::vector<std::string>{"x", ""}));
  EXPECT_EQ(error("command = ['', 'x']"), ":2:11: key 'services.db.command': must not be empty");
  EXPECT_EQ(error("command = ['x', 1]").substr(0, 5), ":2:11");
}

TEST_F(ServiceConfigTest, EveryKeyArrives) {
  const ServiceOptions db = one(R"(
    command = ["server", "-p", "{port.sql}"]
    init = "createdb"
    env = { A = "1", B = "{dir}" }
    cwd = "sub"
    user = "me"
    ports = { sql = {}, admin = 8000 }
    ready = { http = "/health", port = "admin", status = 204, json = { checks.db = true }, deadline = "5s", interval = "50ms" }
    depends_on = ["cache"]
    phase = "databases"
    stop_signal = "SIGINT"
    grace = "2s"
    restart = "on-failure"
    memory = "1GB"
    cpu = 1.5
    scope = "slot-database"
    lazy = true
    log = "logs/db.log"
    url = "db://{host}"
    database = { kind = "postgresql", template = "app", user = "me", name = "d{slot}" }
    [services.cache]
    command = ["cache"])");
  EXPECT_EQ(db.command, (std::vector<std::string>{"server", "-p", "{port.sql}"}));
  EXPECT_EQ(db.init, (std::vector<std::string>{"/bin/sh", "-c", "createdb"}));
  EXPECT_EQ(db.env.size(), 2u);
  EXPECT_EQ(db.cwd, tree_.root() + "/sub");
  EXPECT_EQ(db.ports, (std::vector<ServicePort>{{"sql", 0}, {"admin", 8000}}));
  EXPECT_EQ(db.ready.kind, ReadyCheck::Kind::http);
  EXPECT_EQ(db.ready.port, "admin");
  EXPECT_EQ(db.ready.status, 204u);
  EXPECT_EQ(db.ready.json_field + "=" + db.ready.json_value, "checks.db=true");
  EXPECT_EQ(db.ready.deadline, std::chrono::seconds(5));
  EXPECT_EQ(db.ready.interval, std::chrono::milliseconds(50));
  EXPECT_EQ(db.depends_on, std::vector<std::string>{"cache"});
  EXPECT_EQ(db.phase, ServicePhase::databases);
  EXPECT_EQ(db.stop_signal, SIGINT);
  EXPECT_EQ(db.grace, std::chrono::seconds(2));
  EXPECT_EQ(db.restarts, 3u);
  EXPECT_EQ(db.memory, 1ull << 30);
  EXPECT_EQ(db.cpu, 1.5);
  EXPECT_EQ(db.scope, ServiceOptions::Scope::slot_database);
  EXPECT_TRUE(db.lazy);
  EXPECT_EQ(db.log, tree_.root() + "/logs/db.log");
  EXPECT_EQ(db.database.template_name, "app");
}

TEST_F(ServiceConfigTest, ChecksOfEveryKind) {
  EXPECT_EQ(one("command = 'x'\nready = 'started'").ready.kind, ReadyCheck::Kind::started);
  EXPECT_EQ(one("command = 'x'\nready = 'tcp'").ready.kind, ReadyCheck::Kind::tcp);
  EXPECT_EQ(one("command = 'x'\nready = { tcp = 'sql' }").ready.port, "sql");
  EXPECT_EQ(one("command = 'x'\nready = { log = 'up$' }").ready.pattern, "up$");
  EXPECT_EQ(one("command = 'x'\nready = { command = 'true' }").ready.command.size(), 3u);
}

TEST_F(ServiceConfigTest, MistakesAreNamedWithTheirPlace) {
  EXPECT_EQ(error("comand = 'x'"), ":2:1: unknown key 'comand'; did you mean 'command'?");
  EXPECT_EQ(error(""), ":1:1: key 'services.db': has no 'command', and no 'compose' file either");
  EXPECT_EQ(error("command = 'x'\ncompose = 'c.yaml'"), ":1:1: key 'services.db': has both 'command' and 'compose'");
  EXPECT_EQ(error("command = 'x'\nredy = 'tcp'"), ":3:1: unknown key 'redy'; did you mean 'ready'?");
  EXPECT_EQ(error("command = ''"), ":2:11: key 'services.db.command': must not be empty");
  EXPECT_EQ(error("command = 'x'\nready = { tcp = 'a', log = 'b' }"),
            ":3:9: key 'services.db.ready': must have one of tcp, http, command and log, and has several");
  EXPECT_EQ(error("command = 'x'\nready = { deadline = '5s' }"),
            ":3:9: key 'services.db.ready': must have one of tcp, http, command and log, and has none");
  EXPECT_EQ(error("command = 'x'\nready = { tcp = 'a', status = 200 }"), ":3:22: unknown key 'status'");
  EXPECT_EQ(error("command = 'x'\nready = { http = 'health' }"),
            ":3:9: key 'services.db.ready': http must be a path that begins with '/'");
  EXPECT_EQ(error("command = 'x'\nports = { sql = 70000 }"),
            ":3:17: key 'services.db.ports.sql': must be a port number (1 to 65535), not 70000");
  EXPECT_EQ(error("command = 'x'\nports = ['a', 'a']"), ":3:9: key 'services.db.ports': names the port 'a' twice");
  EXPECT_EQ(error("command = 'x'\nrestart = 'always'"),
            ":3:11: key 'services.db.restart': invalid value 'always' (allowed: never, on-failure)");
  EXPECT_EQ(error("command = 'x'\nscope = 'slot-database'"),
            ":1:1: key 'services.db': has scope = \"slot-database\" and no 'database' that says how one is made");
  EXPECT_EQ(error("command = 'x'\ndatabase = { kind = 'redis' }"),
            ":1:1: key 'services.db': has 'database', which needs scope = \"slot-database\"");
  EXPECT_EQ(error("command = 'x'\ncpu = 'all'"),
            ":3:7: key 'services.db.cpu': must be a number of processors, not a string");
  EXPECT_EQ(error("command = 'x'\n[services.my-db]\ncommand = 'x'\n[services.my_db]\ncommand = 'x'"),
            ":5:1: key 'services.my_db': 'my-db' has the same variables, TRUN_SERVICE_MY_DB_*");
}

}  // namespace
}  // namespace trun
