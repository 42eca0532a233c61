// What makes the database of a slot as new: drop and create, or the keys of that slot and no others.
#include "runner/services/plan/database_commands.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

class DatabaseCommandsTest : public testing::Test {
 protected:
  /// One a line, words joined by blanks, of the second slot.
  std::string commands(const SlotDatabase& database) {
    services_.resize(1);
    services_[0].name = "db";
    services_[0].ports = {{"admin", 0}, {"sql", 0}};
    services_[0].ready.port = "sql";
    services_[0].scope = ServiceOptions::Scope::slot_database;
    services_[0].database = database;
    plan_ = plan_services(services_, 2).value();
    ServiceValues values(services_, plan_, "0123456789abcdef");
    values.set_port(0, "admin", 1000);
    values.set_port(0, "sql", 1001);
    const auto made = database_commands(services_[0], 0, values, 1);
    if (!made.ok()) return "error: " + made.error().message;
    std::string text;
    for (const auto& words : *made) {
      for (const std::string& word : words) text += (&word == &words.front() ? "" : " ") + word;
      text += "\n";
    }
    return text;
  }

  std::vector<ServiceOptions> services_;
  ServicePlan plan_;
};

TEST_F(DatabaseCommandsTest, ADatabaseIsDroppedAndClonedFromItsTemplate) {
  SlotDatabase database;
  database.kind = SlotDatabase::Kind::postgresql;
  database.user = "me";
  EXPECT_EQ(commands(database),
            "dropdb --if-exists --force -h 127.0.0.1 -p 1001 -U me -w trun_01234567_1\n"
            "createdb -h 127.0.0.1 -p 1001 -U me -w trun_01234567_1\n");
  database.template_name = "filled";
  EXPECT_NE(commands(database).find(" -w -T filled trun_01234567_1\n"), std::string::npos);
}

TEST_F(DatabaseCommandsTest, ANumberedDatabaseIsFlushedAlone) {
  SlotDatabase database;
  database.kind = SlotDatabase::Kind::redis;
  EXPECT_EQ(commands(database), "redis-cli -e -h 127.0.0.1 -p 1001 -n 1 FLUSHDB\n");
}

// "*" in a prefix would have removed the keys of other slots.
TEST_F(DatabaseCommandsTest, OnlyKeysWithThatVeryPrefixAreRemoved) {
  SlotDatabase database;
  database.kind = SlotDatabase::Kind::redis;
  database.prefix = "a*[{slot}]?:";
  const std::string command = commands(database);
  EXPECT_EQ(command.substr(command.rfind(" ")), " a\\*\\[1\\]\\?:*\n");
  EXPECT_EQ(command.find("FLUSHDB"), std::string::npos);
}

TEST_F(DatabaseCommandsTest, AUsersOwnCommandKnowsTheSlot) {
  SlotDatabase database;
  database.reset = {"./reset", "--port={port.sql}", "{database}", "{slot}"};
  database.name = "t{slot}";
  EXPECT_EQ(commands(database), "./reset --port=1001 t1 1\n");
  database.reset = {"{nobody}"};
  EXPECT_EQ(commands(database).substr(0, 6), "error:");
}

}  // namespace
}  // namespace trun
