#include "runner/config/separation_config.h"

#include <algorithm>
#include <map>

#include "runner/config/config_table.h"
#include "runner/config/did_you_mean.h"
#include "runner/config/option_value.h"
#include "runner/config/toml_text.h"
#include "runner/model/variables.h"

namespace trun {
namespace {

constexpr unsigned kHighestPort = 65535;

Complaint parse_port(const ConfigValue& value, PortSetting& setting) {
  std::optional<unsigned> number;
  std::string scope = "slot";
  TableReader table(value);
  table.maybe("port", number).maybe("scope", scope).maybe("guard", setting.guard);
  // Checked before the number is cut to 16 bits below.
  if (number && (*number == 0 || *number > kHighestPort)) table.complain("port", "must be from 1 to 65535");
  if (scope != "slot" && scope != "run") {
    table.complain("scope",
                   "invalid value '" + scope + "' (allowed: slot, run)" + did_you_mean(scope, {"slot", "run"}));
  }
  if (number) setting.number = static_cast<std::uint16_t>(*number);
  setting.scope = scope == "run" ? PortSetting::Scope::run : PortSetting::Scope::slot;
  return table.finish();
}

bool is_name(const std::string& name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

Complaint parse_ports(const ConfigValue& value, std::vector<PortSetting>& out) {
  // "my-port" and "my_port" would both be TRUN_PORT_MY_PORT.
  std::map<std::string, std::string> names;  // by variable
  return read_names(value, [&](const std::string& name, const ConfigValue& table) -> Complaint {
    if (!is_name(name)) return "a port's name has letters, digits, '_' and '-' only";
    const std::string variable = port_variable(name);
    if (const auto [other, fresh] = names.emplace(variable, name); !fresh)
      return "'" + other->second + "' has the same variable, " + variable;
    PortSetting& setting = out.emplace_back();
    setting.name = name;
    return parse_port(table, setting);
  });
}

Complaint parse_fixtures(const ConfigValue& value, std::vector<std::string>& once) {
  TableReader table(value);
  table.maybe("once", once);
  return table.finish();
}

Complaint parse(const ConfigValue& value, NetworkMode& out) {
  std::string text;
  if (Complaint complaint = parse(value, text)) return complaint;
  if (text != "host" && text != "namespace") {
    return "invalid value '" + text + "' (allowed: host, namespace)" + did_you_mean(text, {"host", "namespace"});
  }
  out = text == "host" ? NetworkMode::host : NetworkMode::isolated;
  return {};
}

std::string show(NetworkMode mode) { return toml_quoted(mode == NetworkMode::host ? "host" : "namespace"); }

}  // namespace trun
