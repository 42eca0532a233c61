#include "runner/services/plan/database_commands.h"

#include <utility>

namespace trun {
namespace {

/// All keys that match, and no others.
constexpr const char* kUnlink =
    "local at = '0' repeat local found = redis.call('SCAN', at, 'MATCH', ARGV[1], 'COUNT', 1000) at = found[1] "
    "for _, key in ipairs(found[2]) do redis.call('UNLINK', key) end until at == '0' return 'OK'";

/// `text` as a pattern of Redis that matches nothing else.
std::string glob_quoted(const std::string& text) {
  std::string out;
  for (const char c : text) out += std::string(std::string("*?[]^-\\").find(c) == std::string::npos ? "" : "\\") + c;
  return out;
}

}  // namespace

Result<std::vector<std::vector<std::string>>> database_commands(const ServiceOptions& service, ServiceIndex index,
                                                                const ServiceValues& values, Slot slot) {
  using Commands = std::vector<std::vector<std::string>>;
  const SlotDatabase& of = service.database;
  if (of.kind == SlotDatabase::Kind::command) {
    TRUN_TRY(reset, values.expand(index, of.reset, slot));
    return Commands{std::move(reset)};
  }
  TRUN_TRY(name, values.database(index, slot));
  const std::string port = std::to_string(values.port(index, service.ready.port));
  if (of.kind == SlotDatabase::Kind::redis && !of.prefix.empty()) {
    // -e: an error that the server answers is an exit code, which redis-cli otherwise leaves at 0.
    return Commands{{"redis-cli", "-e", "-h", "127.0.0.1", "-p", port, "EVAL", kUnlink, "0", glob_quoted(name) + "*"}};
  }
  if (of.kind == SlotDatabase::Kind::redis) {
    return Commands{{"redis-cli", "-e", "-h", "127.0.0.1", "-p", port, "-n", name, "FLUSHDB"}};
  }
  // -w: never ask for a password, there is nobody to type one.
  const std::vector<std::string> server = {"-h", "127.0.0.1", "-p", port, "-U", of.user, "-w"};
  // --force ends connections that the tests before have left open; PostgreSQL refuses to drop a database that is in
  // use.
  std::vector<std::string> drop = {"dropdb", "--if-exists", "--force"}, create = {"createdb"};
  for (auto* command : {&drop, &create}) command->insert(command->end(), server.begin(), server.end());
  if (!of.template_name.empty()) create.insert(create.end(), {"-T", of.template_name});
  drop.push_back(name);
  create.push_back(name);
  return Commands{std::move(drop), std::move(create)};
}

}  // namespace trun
