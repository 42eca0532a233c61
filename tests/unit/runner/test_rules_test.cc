#include "runner/config/test_rules.h"

#include <gtest/gtest.h>

#include "runner/config/config_file.h"

namespace trun {
namespace {

ConfigValue toml(const std::string& text) {
  auto table = parse_toml(text, "t");
  EXPECT_TRUE(table.ok()) << text;
  return table.ok() && !table->empty() ? table->front().value : ConfigValue{};
}

std::string text_of(const Complaint& complaint) {
  if (!complaint) return "";
  return std::to_string(complaint->line) + ": " + complaint->key + ": " + complaint->text;
}

std::string wrong_category(const std::string& text) {
  std::vector<TestRule> rules;
  return text_of(parse_categories(toml(text), rules));
}

TestItem test(const std::string& id, std::vector<std::string> marks = {}) {
  TestItem item;
  item.id = id;
  item.marks = std::move(marks);
  return item;
}

TestRule by_path(const std::string& path) {
  TestRule rule;
  rule.paths = {path};
  return rule;
}

TEST(TestRulesTest, ReadsWhatACategorySays) {
  std::vector<TestRule> rules;
  const auto complaint = parse_categories(toml("[c.slow]\npaths = 'tests/slow'\nmarkers = ['a', 'b']\ntimeout = '5s'\n"
                                               "isolate = 'test'\nresources = ['gpu:2', 'read:db']\nserial = true\n"
                                               "services = ['redis']\n"),
                                          rules);
  ASSERT_FALSE(complaint) << complaint->text;
  ASSERT_EQ(rules.size(), 1u);
  const TestRule& rule = rules[0];
  EXPECT_EQ(rule.name, "slow");
  EXPECT_EQ(rule.paths, std::vector<std::string>{"tests/slow"});
  EXPECT_EQ(rule.markers, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(rule.timeout, Duration(std::chrono::seconds(5)));
  EXPECT_EQ(rule.isolate, Isolation::test);
  EXPECT_EQ(rule.resources, (std::vector<ResourceDemand>{{"gpu", 2, ResourceDemand::Mode::units},
                                                         {"db", 1, ResourceDemand::Mode::read}}));
  EXPECT_EQ(rule.serial, true);
  EXPECT_EQ(rule.services, std::vector<std::string>{"redis"});
}

TEST(TestRulesTest, ComplaintsNamePlaceAndKey) {
  EXPECT_EQ(wrong_category("c = 1\n"), "0: : must be a table, not an integer");
  EXPECT_EQ(wrong_category("[c.slow]\npaths = 'x'\ntimout = 1\n"),
            "3: slow: unknown key 'timout'; did you mean 'timeout'?");
  EXPECT_EQ(wrong_category("[c.slow]\npaths = 'x'\n\nisolate = 'tests'\n"),
            "4: slow.isolate: invalid value 'tests' (allowed: none, file, test); did you mean 'test'?");
  EXPECT_EQ(wrong_category("[c.slow]\npaths = 'x'\nresources = ['a:0']\n"),
            "3: slow.resources: invalid value 'a:0' (allowed: NAME, NAME:UNITS, read:NAME, write:NAME)");
  EXPECT_EQ(wrong_category("[c.slow]\ntimeout = 5\n"), "1: slow: selects nothing: give it paths, markers or ids");
  EXPECT_EQ(wrong_category("[c.slow]\npaths = ['a',\n3]\n"), "3: slow.paths: must be a string, not an integer");
}

TEST(TestRulesTest, OverridesAreAnArrayOfTables) {
  std::vector<TestRule> rules;
  EXPECT_EQ(text_of(parse_overrides(toml("[o]\npaths = 'x'\n"), rules)),
            "0: : must be an array of tables: [[overrides]], not a table");
  rules.clear();
  EXPECT_EQ(text_of(parse_overrides(toml("[[o]]\npaths = 'x'\n[[o]]\nserial = true\n"), rules)),
            "3: : selects nothing: give it paths, markers or ids");
}

TEST(TestRulesTest, ResourcesHaveNamesAndUnits) {
  ResourceCapacities out;
  EXPECT_EQ(text_of(parse_resources(toml("[r]\ngpu = 2\ndatabase = 1\n"), out)), "");
  EXPECT_EQ(out, (ResourceCapacities{{"database", 1}, {"gpu", 2}}));
  EXPECT_EQ(text_of(parse_resources(toml("[r]\ngpu = 0\n"), out)),
            "2: gpu: invalid value 0 (allowed: a whole number from 1)");
  EXPECT_EQ(text_of(parse_resources(toml("[r]\n'a b' = 1\n"), out)),
            "2: a b: a resource's name has letters, digits, '_', '-' and '.' only");
}

TEST(TestRulesTest, PathsAreFoldersFilesAndPatterns) {
  const TestItem item = test("tests/api/test_users.py::TestA::test_b[x/y]");
  for (const char* path :
       {"tests", "tests/", "tests/api", "tests/api/test_users.py", "tests/*/test_*.py", "test_u*.py"})
    EXPECT_TRUE(selects(by_path(path), item)) << path;
  for (const char* path : {"test", "tests/ap", "api", "tests/api/test_users", "*.txt", "tests/api/test_users.py/"})
    EXPECT_EQ(selects(by_path(path), item), std::string(path) == "tests/api/test_users.py/") << path;
}

TEST(TestRulesTest, EachKindOfSelectorMustMatch) {
  TestRule rule = by_path("tests");
  rule.markers = {"slow", "big"};
  EXPECT_TRUE(selects(rule, test("tests/test_a.py::test_a", {"big"})));
  EXPECT_FALSE(selects(rule, test("tests/test_a.py::test_a", {"other"})));
  EXPECT_FALSE(selects(rule, test("more/test_a.py::test_a", {"slow"})));
  rule.ids = {"*::test_b*"};
  EXPECT_FALSE(selects(rule, test("tests/test_a.py::test_a", {"big"})));
  EXPECT_TRUE(selects(rule, test("tests/test_a.py::test_b[1]", {"big"})));
}

TEST(TestRulesTest, MarkerWinsThenLastRuleThenDefault) {
  TestRule first = by_path("tests"), second = by_path("tests/slow");
  first.timeout = std::chrono::seconds(1);
  first.isolate = Isolation::file;
  first.resources = {{"gpu", 1, {}}};
  second.timeout = std::chrono::seconds(2);
  second.resources = {{"gpu", 1, {}}, {"db", 1, ResourceDemand::Mode::write}};
  second.serial = true;
  Collection collection;
  collection.items = {test("tests/a.py::t"), test("tests/slow/a.py::t"), test("tests/slow/b.py::t"), test("b.py::t")};
  collection.items[2].timeout = std::chrono::seconds(9);
  collection.items[2].demands.isolate = Isolation::none;
  apply_rules({first, second}, Duration(std::chrono::seconds(7)), collection);
  const auto& items = collection.items;
  EXPECT_EQ(items[0].timeout, Duration(std::chrono::seconds(1)));
  EXPECT_EQ(items[1].timeout, Duration(std::chrono::seconds(2)));
  EXPECT_EQ(items[2].timeout, Duration(std::chrono::seconds(9)));
  EXPECT_EQ(items[3].timeout, Duration(std::chrono::seconds(7)));
  EXPECT_EQ(items[1].demands.isolate, Isolation::file);
  EXPECT_EQ(items[2].demands.isolate, Isolation::none);
  EXPECT_EQ(items[1].demands.resources.size(), 2u);
  EXPECT_TRUE(items[1].demands.serial);
  EXPECT_FALSE(items[0].demands.serial);
  EXPECT_EQ(items[3].demands, TestDemands{});
}

TEST(TestRulesTest, DemandsAreTexts) {
  for (const char* text : {"gpu", "gpu:2", "read:db", "write:db.1"}) EXPECT_EQ(demand_text(*parse_demand(text)), text);
  EXPECT_EQ(parse_demand("exclusive:db"), parse_demand("write:db"));
  for (const char* text : {"", ":", "gpu:", "gpu:0", "gpu:x", "gpu:-1", "read:", "read:db:2", "a b", "gpu:99999999999"})
    EXPECT_FALSE(parse_demand(text)) << text;
}

}  // namespace
}  // namespace trun
