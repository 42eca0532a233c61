#include "runner/config/test_environment.h"

#include <gtest/gtest.h>

#include "runner/config/config.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

const Variables kWorker = {{"TRUN_SLOT", "1"},
                           {"TRUN_WORKER", "gw1"},
                           {"TRUN_RUN_ID", "0123456789abcdef"},
                           {"TRUN_PORT_API", "10100"},
                           {"TRUN_SERVICE_MY_DB_URL", "postgresql://me@127.0.0.1:1000/d1"},
                           {"TRUN_SERVICE_MY_DB_PORT", "1000"},
                           {"TRUN_SERVICE_MY_DB_PORT_SQL", "1000"},
                           {"TRUN_SERVICE_MY_DB_DATABASE", "d1"}};

std::optional<std::string> nothing(std::string_view) { return std::nullopt; }

std::string text(const Variables& variables) {
  std::string out;
  for (const auto& [name, value] : variables) out += name + "=" + value + ";";
  return out;
}

std::vector<EnvTemplate> env(std::vector<std::pair<std::string, std::string>> of) {
  std::vector<EnvTemplate> out;
  for (auto& [name, value] : of) {
    EnvTemplate entry;
    entry.name = name;
    entry.text = value;
    entry.line = 3;
    entry.column = 5;
    out.push_back(entry);
  }
  return out;
}

/// What holds for all, then what the worker has.
std::string seen(const std::vector<EnvTemplate>& of, const Variables& mode = {}, const Lookup& outside = nothing) {
  const auto divided = divide(of, "trun.toml", mode, "full", outside);
  if (!divided.ok()) return divided.error().message;
  const auto known = [&](std::string_view name) -> std::optional<std::string> {
    for (const auto& [each, value] : divided->all) {
      if (each == name) return value;
    }
    return outside(name);
  };
  const auto own = expand(divided->of_workers, kWorker, known);
  if (!own.ok()) return own.error().message;
  return text(divided->all) + "|" + text(*own);
}

TEST(TestEnvironmentTest, TemplatesAreOfWorkersAndTextsOfAll) {
  EXPECT_EQ(seen(env({{"A", "plain"}, {"B", "test_{run_id}_{slot}"}, {"C", "http://127.0.0.1:{port.api}/{worker}"}})),
            "A=plain;|B=test_01234567_1;C=http://127.0.0.1:10100/gw1;");
}

TEST(TestEnvironmentTest, ServicesAreNamedAsInServices) {
  EXPECT_EQ(seen(env({{"A",
                       "{service.my-db.url} {service.my-db.port} {service.my-db.port.sql} "
                       "{service.my-db.database}"}})),
            "|A=postgresql://me@127.0.0.1:1000/d1 1000 1000 d1;");
}

TEST(TestEnvironmentTest, VariablesAreExpandedByThoseBeforeThemThenTheWorkersThenTheOutside) {
  const auto outside = [](std::string_view name) -> std::optional<std::string> {
    return name == "HOST" || name == "A" ? std::optional<std::string>("outer") : std::nullopt;
  };
  EXPECT_EQ(seen(env({{"A", "inner"}, {"B", "${A}-${HOST}-${NONE:-else}"}, {"C", "${B}-{slot}-${TRUN_WORKER}"}}), {},
                 outside),
            "A=inner;B=inner-outer-else;|C=inner-outer-else-1-gw1;");
  EXPECT_EQ(seen(env({{"URL", "${A:-base_{slot}}"}}), {}, outside), "|URL=outer;");
  EXPECT_EQ(seen(env({{"URL", "${NONE:-base_{slot}}"}}), {}, outside), "|URL=base_1;");
}

TEST(TestEnvironmentTest, UnknownNamesAreMistakes) {
  EXPECT_TRUE(seen(env({{"A", "x{slto}"}}))
                  .starts_with("trun.toml:3:5: key 'env.A': '{slto}' is not known here "
                               "(there are: {slot}, {worker}"));
  EXPECT_TRUE(seen(env({{"A", "{port.web}"}})).starts_with("trun.toml:3:5: key 'env.A': '{port.web}' is not known"));
  EXPECT_TRUE(seen(env({{"A", "{service.db.url}"}})).find("'{service.db.url}' is not known") != std::string::npos);
  EXPECT_EQ(seen(env({{"A", "{{slot}}"}})), "A={slot};|") << "a brace";
}

TEST(TestEnvironmentTest, TheModeCountsMoreAndItsTextsAreItsOwn) {
  EXPECT_EQ(seen(env({{"A", "{slot}"}, {"B", "b"}}), {{"A", "of the mode"}, {"F", "{levelname} {{"}}),
            "B=b;A=of the mode;F={levelname} {{;|");
  EXPECT_EQ(seen({}, {{"A", "{levelname} {slot}"}}), "|A={levelname} 1;");
  EXPECT_TRUE(seen({}, {{"A", "{port.web}"}}).starts_with("mode 'full': variable A: '{port.web}' is not known"));
  EXPECT_EQ(seen({}, {{"A", "{slot}"}, {"A", "last"}}), "A=last;|");
}

TEST(TestEnvironmentTest, OnlyTheModesAreForAllThatTheRunStarts) {
  const auto divided = divide(env({{"A", "{slot}"}}), "", {{"B", "{port.api}"}}, "full", nothing);
  ASSERT_EQ(divided->of_workers.size(), 2u);
  const auto left = of_mode(divided->of_workers);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].name, "B");
}

TEST(TestEnvironmentTest, TheFileSaysItAndWrongOnesAreNamed) {
  const TemporaryTree tree;
  tree.write("trun.toml", "[env]\nA = 'plain'\nB = '{slot}'\n[modes.full]\nenv = { C = '{port.x}' }\n");
  const Config config = *load_config({"--mode=full"}, tree.root());
  EXPECT_EQ(text(config.environment), "A=plain;TRUN_MODE=full;");
  ASSERT_EQ(config.worker_environment.size(), 2u);
  EXPECT_EQ(config.worker_environment[0].text, "{slot}");
  tree.write("trun.toml", "[env]\nA = 3\n");
  EXPECT_NE(load_config({}, tree.root()).error().message.find("key 'env.A': must be a string, not an integer"),
            std::string::npos);
  tree.write("trun.toml", "env = 'x'\n");
  EXPECT_NE(load_config({}, tree.root()).error().message.find("key 'env': must be a table"), std::string::npos);
}

}  // namespace
}  // namespace trun
