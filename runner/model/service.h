// A service: a program that tests need beside them (a database, a broker, a server of the project's own), as trun.toml
// declares it. Plain values: what becomes of it is runner/services' business.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/base/clock.h"

namespace trun {

/// When a service counts as ready to be used.
struct ReadyCheck {
  enum class Kind {
    started,  ///< as soon as it runs
    tcp,      ///< its port accepts a connection
    http,     ///< a GET is answered with `status`, and with the field of the JSON body, if one is wanted
    command,  ///< the command exits with 0
    log,      ///< a line of its output matches
  } kind = Kind::started;
  std::string port;  ///< of tcp and http: the name of one of its ports; empty: its first
  std::string path = "/";
  unsigned status = 200;
  std::string json_field;  ///< "status", or "checks.db" for a field of a field; empty: the body is not looked at
  std::string json_value;
  std::vector<std::string> command;
  std::string pattern;                           ///< an ECMAScript regular expression
  Duration deadline = std::chrono::seconds(30);  ///< from its launch
  Duration interval = std::chrono::milliseconds(100);
  bool operator==(const ReadyCheck&) const = default;
};

/// A port that the service listens on. `fixed` 0: leased from those that are free.
struct ServicePort {
  std::string name;
  std::uint16_t fixed = 0;
  bool hand_over = false;  ///< its server is started with the socket that listens
  bool operator==(const ServicePort&) const = default;
};

/// What of a service each slot has for itself where the server is one for all.
struct SlotDatabase {
  enum class Kind {
    postgresql,  ///< a database, cloned from a template by createdb
    redis,       ///< the database of the slot's number, or its keys with a prefix
    command,     ///< what `reset` makes
  } kind = Kind::command;
  std::string user = "postgres";              ///< postgresql: who connects
  std::string template_name;                  ///< postgresql: what is cloned; empty: the server's own template
  std::string name = "trun_{run_id}_{slot}";  ///< what tests get as its name
  std::string prefix;                         ///< redis: of the slot's keys; empty: it has a database of its own
  std::vector<std::string> reset;             ///< command: makes it as new, whether it is there or not
  bool operator==(const SlotDatabase&) const = default;
};

/// Containers of a compose file, run by whatever engine reads such files here.
struct ComposeFile {
  std::string file;  ///< absolute; empty: the service is a command
  std::vector<std::string> profiles, env_files;
  std::vector<std::string> services;  ///< of the file; empty: all
};

/// The barriers of the start, in their order: no service of one is started before those of the earlier have settled.
enum class ServicePhase { dependencies, databases, services };

struct ServiceOptions {
  std::string name;
  unsigned line = 0;                 ///< in the file, from 1
  std::string place;                 ///< "trun.toml:12", for complaints
  std::vector<std::string> command;  ///< or `compose`
  ComposeFile compose;
  std::vector<std::pair<std::string, std::string>> env;
  std::string cwd;   ///< absolute; empty: trun's own
  std::string user;  ///< whom it runs as; empty: as trun does
  std::vector<ServicePort> ports;
  ReadyCheck ready;
  /// Run once when the check has passed, before it counts as ready: fills a database.
  std::vector<std::string> init;
  std::vector<std::string> depends_on;
  ServicePhase phase = ServicePhase::services;
  int stop_signal = 15;
  Duration grace = std::chrono::seconds(3);
  /// How often it is started again when it dies or gets unhealthy; 0: never.
  unsigned restarts = 0;
  std::uint64_t memory = 0;  ///< bytes, of all its processes; 0: no limit
  double cpu = 0;            ///< processors; 0: no limit
  enum class Scope { run, worker, slot_database } scope = Scope::run;
  bool lazy = false;  ///< started for the first test that asks for it, not before the first test
  std::string log;    ///< absolute path; empty: in the folder of logs
  std::string url;    ///< what tests get as its URL, with templates
  SlotDatabase database;
};

/// "run", "worker", "slot-database"; "dependencies", "databases", "services".
std::string_view scope_name(ServiceOptions::Scope scope);
std::string_view phase_name(ServicePhase phase);
/// "tcp", "http", "command", "log line", "start": what a report calls the check.
std::string_view check_name(ReadyCheck::Kind kind);

}  // namespace trun
