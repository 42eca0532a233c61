#include "runner/config/service_config.h"

#include <string.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <utility>

#include "runner/config/config_table.h"
#include "runner/config/did_you_mean.h"

namespace trun {

/// A program and its arguments, or a text for a shell.
struct CommandLineText {
  std::vector<std::string> argv;
};
// Types for TableReader, which picks parse() by the type of what it reads into: members of ServiceOptions are plain
// strings and numbers, and their values are written in other ways than those of options.
struct EnvironmentTable {
  std::vector<std::pair<std::string, std::string>> variables;
};
struct PortsTable {
  std::vector<ServicePort> ports;
};
struct SignalName {
  int number = 0;
};
struct RestartPolicy {
  unsigned times = 0;
};

namespace {

constexpr unsigned kUsualRestarts = 3;
constexpr const char* kShell = "/bin/sh";

/// One of several words; what follows the words for a wrong one is said.
template <typename T>
Complaint parse_word(const ConfigValue& value, T& out, std::initializer_list<std::pair<std::string_view, T>> words) {
  std::string text;
  if (Complaint complaint = parse(value, text)) return complaint;
  std::string allowed;
  std::vector<std::string_view> names;
  for (const auto& [word, meaning] : words) {
    if (word == text) {
      out = meaning;
      return {};
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
    names.push_back(word);
  }
  return "invalid value '" + text + "' (allowed: " + allowed + ")" + did_you_mean(text, names);
}

bool is_name(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
}

}  // namespace

Complaint parse(const ConfigValue& value, CommandLineText& out) {
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    if (text->empty()) return "must not be empty";
    // A string is for a shell, as in a Dockerfile or in CI. An array needs no quoting and starts no shell.
    out.argv = {kShell, "-c", *text};
    return {};
  }
  const auto* words = std::get_if<ConfigArray>(&value.data);
  if (!words) return wrong_type(value, "a string for a shell, or an array of strings");
  for (const ConfigValue& word : *words) {
    const auto* text = std::get_if<std::string>(&word.data);
    if (!text) return wrong_type(word, "a string");
    out.argv.push_back(*text);  // an argument may be empty: redis-server --save ""
  }
  if (out.argv.empty() || out.argv.front().empty()) return "must not be empty";
  return {};
}

Complaint parse(const ConfigValue& value, EnvironmentTable& out) {
  return read_names(value, [&](const std::string& name, const ConfigValue& text) -> Complaint {
    std::string content;
    if (Complaint complaint = parse(text, content)) return complaint;
    if (name.empty() || name.find('=') != std::string::npos) return "is no name of an environment variable";
    out.variables.emplace_back(name, std::move(content));
    return {};
  });
}

struct PortNumber {
  std::uint16_t number = 0;
};

Complaint parse(const ConfigValue& value, PortNumber& out) {
  const auto* number = std::get_if<std::int64_t>(&value.data);
  if (!number) return wrong_type(value, "a port number, or {} for one that is free");
  if (*number < 1 || *number > 65535) return "must be a port number (1 to 65535), not " + std::to_string(*number);
  out.number = static_cast<std::uint16_t>(*number);
  return {};
}

Complaint parse(const ConfigValue& value, PortsTable& out) {
  // ["sql"], { sql = {}, http = 8000 } and { http = { port = 8000, hand_over = true } } all come to this.
  const auto add = [&](const std::string& name, std::uint16_t number, bool hand_over = false) -> Complaint {
    if (!is_name(name)) return "'" + name + "' is no name of a port (letters, digits, '_' and '-')";
    const bool twice = std::any_of(out.ports.begin(), out.ports.end(), [&](const auto& p) { return p.name == name; });
    if (twice) return "names the port '" + name + "' twice";
    out.ports.push_back({name, number, hand_over});
    return {};
  };
  if (std::holds_alternative<ConfigTable>(value.data)) {
    return read_names(value, [&](const std::string& name, const ConfigValue& number) -> Complaint {
      PortNumber port;
      bool hand_over = false;
      if (std::holds_alternative<ConfigTable>(number.data)) {
        TableReader table(number);
        table.maybe("port", port).maybe("hand_over", hand_over);
        if (Complaint complaint = table.finish()) return complaint;
      } else if (Complaint complaint = parse(number, port)) {
        return complaint;
      }
      return add(name, port.number, hand_over);
    });
  }
  std::vector<std::string> names;
  if (Complaint complaint = parse(value, names)) return complaint;
  for (const std::string& name : names) {
    if (Complaint complaint = add(name, 0)) return complaint;
  }
  return {};
}

Complaint parse(const ConfigValue& value, SignalName& out) {
  std::string text;
  if (Complaint complaint = parse(value, text)) return complaint;
  const std::string_view bare = text.starts_with("SIG") ? std::string_view(text).substr(3) : std::string_view(text);
  // Signal 0 is no signal. Names as the C library has them; numbers without a name give a null pointer.
  for (int number = 1; number < NSIG; ++number) {
    const char* name = ::sigabbrev_np(number);
    if (name && bare == name) {
      out.number = number;
      return {};
    }
  }
  return "'" + text + "' is no signal (SIGTERM, SIGINT, SIGQUIT, ...)";
}

Complaint parse(const ConfigValue& value, RestartPolicy& out) {
  if (const auto* times = std::get_if<std::int64_t>(&value.data)) {
    if (*times < 0 || *times > 1000) return "must be from 0 to 1000, not " + std::to_string(*times);
    out.times = static_cast<unsigned>(*times);
    return {};
  }
  // `on-failure` is bounded as well: a service that dies each time must not be started for ever.
  return parse_word<unsigned>(value, out.times, {{"never", 0}, {"on-failure", kUsualRestarts}});
}

Complaint parse(const ConfigValue& value, ServicePhase& out) {
  return parse_word<ServicePhase>(value, out,
                                  {{"dependencies", ServicePhase::dependencies},
                                   {"databases", ServicePhase::databases},
                                   {"services", ServicePhase::services}});
}

Complaint parse(const ConfigValue& value, ServiceOptions::Scope& out) {
  using Scope = ServiceOptions::Scope;
  return parse_word<Scope>(value, out,
                           {{"run", Scope::run}, {"worker", Scope::worker}, {"slot-database", Scope::slot_database}});
}

Complaint parse(const ConfigValue& value, SlotDatabase::Kind& out) {
  using Kind = SlotDatabase::Kind;
  return parse_word<Kind>(value, out,
                          {{"postgresql", Kind::postgresql}, {"redis", Kind::redis}, {"command", Kind::command}});
}

/// A number of processors.
struct Processors {
  double number = 0;
};

Complaint parse(const ConfigValue& value, Processors& out) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) {
    out.number = static_cast<double>(*whole);
  } else if (const auto* part = std::get_if<double>(&value.data)) {
    out.number = *part;
  } else {
    return wrong_type(value, "a number of processors");
  }
  // This form of the comparison also refuses NaN, which TOML has.
  if (!(out.number >= 0 && out.number <= 10000)) return "must be a number of processors, 0 for no limit";
  return {};
}

/// What a field of the answer's body must be: a string, a number or a boolean, written as text.
struct JsonExpectation {
  std::string field, value;
};

Complaint parse(const ConfigValue& value, JsonExpectation& out) {
  const auto* table = std::get_if<ConfigTable>(&value.data);
  if (!table || table->size() != 1) return "must be a table of one field and its value: { status = \"ok\" }";
  // A dotted key is a table in a table.
  const ConfigEntry* entry = &table->front();
  out.field = entry->key;
  while (const auto* inner = std::get_if<ConfigTable>(&entry->value.data)) {
    if (inner->size() != 1) return "must name one field";
    entry = &inner->front();
    out.field += "." + entry->key;
  }
  if (const auto* text = std::get_if<std::string>(&entry->value.data)) {
    out.value = *text;
  } else if (const auto* number = std::get_if<std::int64_t>(&entry->value.data)) {
    out.value = std::to_string(*number);
  } else if (const auto* flag = std::get_if<bool>(&entry->value.data)) {
    out.value = *flag ? "true" : "false";
  } else {
    return wrong_type(entry->value, "a string, an integer or a boolean");
  }
  return {};
}

Complaint parse(const ConfigValue& value, ReadyCheck& out) {
  using Kind = ReadyCheck::Kind;
  if (std::holds_alternative<std::string>(value.data)) {
    return parse_word<Kind>(value, out.kind, {{"tcp", Kind::tcp}, {"started", Kind::started}});
  }
  TableReader table(value);
  const std::initializer_list<std::pair<const char*, Kind>> kinds = {
      {"tcp", Kind::tcp}, {"http", Kind::http}, {"command", Kind::command}, {"log", Kind::log}};
  // The key says which check it is, so there must be exactly one.
  int found = 0;
  for (const auto& [key, kind] : kinds) {
    if (!table.has(key)) continue;
    out.kind = kind;
    ++found;
  }
  std::optional<Duration> deadline, interval;
  std::optional<unsigned> status;
  CommandLineText command;
  JsonExpectation json;
  table.maybe("tcp", out.port).maybe("http", out.path).maybe("command", command).maybe("log", out.pattern);
  table.maybe("deadline", deadline).maybe("interval", interval);
  // Asked for only here: `status` beside another check is an unknown key then.
  if (out.kind == Kind::http) table.maybe("port", out.port).maybe("status", status).maybe("json", json);
  if (Complaint complaint = table.finish()) return complaint;
  if (found != 1)
    return "must have one of tcp, http, command and log, and has " + std::string(found ? "several" : "none");
  if (out.kind == Kind::http && !out.path.starts_with("/")) return "http must be a path that begins with '/'";
  if (out.kind == Kind::log && out.pattern.empty()) return "log must not be empty: every line matches that";
  if (deadline && *deadline <= Duration{0}) return "deadline must be more than 0";
  if (interval && *interval <= Duration{0}) return "interval must be more than 0";
  out.command = std::move(command.argv);
  out.json_field = std::move(json.field);
  out.json_value = std::move(json.value);
  out.status = status.value_or(out.status);
  out.deadline = deadline.value_or(out.deadline);
  out.interval = interval.value_or(out.interval);
  return {};
}

Complaint parse(const ConfigValue& value, SlotDatabase& out) {
  using Kind = SlotDatabase::Kind;
  TableReader table(value);
  CommandLineText reset;
  table.required("kind", out.kind);
  // The keys depend on the kind. Without one, required() has complained already, and it does not matter which are read.
  if (out.kind == Kind::postgresql || !table.has("kind")) {
    table.maybe("user", out.user).maybe("template", out.template_name).maybe("name", out.name);
  } else if (out.kind == Kind::command) {
    table.required("reset", reset).maybe("name", out.name);
  } else {
    table.maybe("prefix", out.prefix);
    if (table.has("prefix") && out.prefix.find("{slot}") == std::string::npos)
      table.complain("prefix", "must have {slot} in it: each slot has keys of its own");
  }
  if (Complaint complaint = table.finish()) return complaint;
  out.reset = std::move(reset.argv);
  return {};
}

namespace {

Complaint parse_service(const ConfigValue& value, ServiceOptions& out) {
  TableReader table(value);
  CommandLineText command, init;
  EnvironmentTable env;
  PortsTable ports;
  SignalName stop_signal{out.stop_signal};
  RestartPolicy restart;
  Processors cpu;
  std::optional<Duration> grace;
  std::optional<ByteSize> memory;
  table.maybe("compose", out.compose.file)
      .maybe("command", command)
      .maybe("init", init)
      .maybe("env", env)
      .maybe("cwd", out.cwd);
  table.maybe("user", out.user).maybe("ports", ports).maybe("ready", out.ready).maybe("depends_on", out.depends_on);
  table.maybe("phase", out.phase).maybe("stop_signal", stop_signal).maybe("grace", grace).maybe("restart", restart);
  table.maybe("memory", memory).maybe("cpu", cpu).maybe("scope", out.scope).maybe("lazy", out.lazy);
  table.maybe("log", out.log).maybe("url", out.url).maybe("database", out.database);
  if (table.has("compose")) {
    // Asked for only here: beside `command` these keys are unknown.
    table.maybe("profiles", out.compose.profiles).maybe("env_files", out.compose.env_files);
    table.maybe("compose_services", out.compose.services);
  }
  if (Complaint complaint = table.finish()) return complaint;
  // Rules between keys, after those of each key: a wrong value is the plainer complaint.
  if (table.has("command") == table.has("compose")) {
    return table.has("command") ? "has both 'command' and 'compose'" : "has no 'command', and no 'compose' file either";
  }
  const bool of_slots = out.scope == ServiceOptions::Scope::slot_database;
  if (of_slots != table.has("database")) {
    return of_slots ? "has scope = \"slot-database\" and no 'database' that says how one is made"
                    : "has 'database', which needs scope = \"slot-database\"";
  }
  if (of_slots && out.database.kind != SlotDatabase::Kind::command && ports.ports.empty()) {
    return "has a database and no port: declare it in ports";
  }
  bool handed = false, checked_is = false;
  for (const ServicePort& port : ports.ports) {
    handed = handed || port.hand_over;
    // The port that the check looks at: the named one, or the first.
    const bool checked = out.ready.port.empty() ? &port == &ports.ports.front() : port.name == out.ready.port;
    checked_is = checked_is || (checked && port.hand_over);
  }
  // The engine of the compose file starts the containers, and passes no descriptor on.
  if (handed && table.has("compose")) return "hands a port over to a compose file, which takes none";
  if (checked_is && out.ready.kind == ReadyCheck::Kind::tcp) {
    return "hands a port over, which takes connections before the service does: ready = \"tcp\" says nothing of "
           "it; check by http, command or log";
  }
  out.command = std::move(command.argv);
  out.init = std::move(init.argv);
  out.env = std::move(env.variables);
  out.ports = std::move(ports.ports);
  out.stop_signal = stop_signal.number;
  out.restarts = restart.times;
  out.cpu = cpu.number;
  out.grace = grace.value_or(out.grace);
  out.memory = memory ? memory->bytes : 0;
  return {};
}

}  // namespace

Complaint parse_services(const ConfigValue& value, std::vector<ServiceOptions>& out) {
  // As of ports: "my-db" and "my_db" would both be TRUN_SERVICE_MY_DB.
  std::map<std::string, std::string> names;  // by variable
  return read_names(value, [&](const std::string& name, const ConfigValue& service) -> Complaint {
    if (!is_name(name)) return "'" + name + "' is no name of a service (letters, digits, '_' and '-')";
    const std::string variable = service_variable(name);
    if (const auto [other, fresh] = names.emplace(variable, name); !fresh)
      return "'" + other->second + "' has the same variables, " + variable + "_*";
    ServiceOptions& options = out.emplace_back();
    options.name = name;
    // For messages that come after the file was read: plan_services() complains of what several services say together.
    options.line = service.line;
    return parse_service(service, options);
  });
}

std::vector<ServiceOptions> located(std::vector<ServiceOptions> services, const std::string& file) {
  namespace fs = std::filesystem;
  // operator/ leaves an absolute path as it is.
  const fs::path folder = fs::path(file).parent_path();
  for (ServiceOptions& service : services) {
    service.place = file + ":" + std::to_string(service.line);
    service.cwd = (folder / service.cwd).lexically_normal().string();
    if (!service.compose.file.empty())
      service.compose.file = (folder / service.compose.file).lexically_normal().string();
    for (std::string& each : service.compose.env_files) each = (folder / each).lexically_normal().string();
    if (!service.log.empty()) service.log = (folder / service.log).lexically_normal().string();
  }
  return services;
}

}  // namespace trun
