#include "runner/config/test_environment.h"

#include <algorithm>

#include "runner/base/run_id.h"
#include "runner/base/template_text.h"
#include "runner/config/config_table.h"
#include "runner/config/dotenv.h"

namespace trun {
namespace {

constexpr const char* kKnown =
    "{slot}, {worker}, {run_id}, {port.NAME} of [ports], and of [services] {service.NAME.host}, {service.NAME.port}, "
    "{service.NAME.port.PORT}, {service.NAME.url}, {service.NAME.database}";

bool is_of_worker(std::string_view name) {
  return name == "slot" || name == "worker" || name == "run_id" || name.starts_with("port.") ||
         name.starts_with("service.");
}

/// Whether `text` has such a name between braces.
bool names_worker(std::string_view text) {
  bool found = false;
  // The template language finds the names; the text that it gives is not used.
  const auto look = [&found](std::string_view name) -> std::optional<std::string> {
    found = found || is_of_worker(name);
    return std::string();
  };
  (void)expand_template(text, look, {});
  return found;
}

/// The last of that name.
std::optional<std::string> value_of(const Variables& variables, std::string_view name) {
  const auto found =
      std::find_if(variables.rbegin(), variables.rend(), [&](const auto& each) { return each.first == name; });
  return found == variables.rend() ? std::nullopt : std::optional(found->second);
}

/// "{service.my-db.port.sql}" is TRUN_SERVICE_MY_DB_PORT_SQL.
std::string variable_of_service(std::string_view name) {
  std::string rest(name.substr(std::string_view("service.").size()));
  std::replace(rest.begin(), rest.end(), '.', '_');
  return service_variable(rest);
}

// No values of their own: each name is a variable that the worker has anyway, so both always say the same.
std::optional<std::string> of_worker(const Variables& worker, std::string_view name) {
  if (name == "slot") return value_of(worker, "TRUN_SLOT");
  if (name == "worker") return value_of(worker, "TRUN_WORKER");
  if (name == "run_id") return short_run_id(value_of(worker, "TRUN_RUN_ID").value_or(""));
  if (name.starts_with("port.")) return value_of(worker, port_variable(name.substr(5)));
  if (name.starts_with("service.")) return value_of(worker, variable_of_service(name));
  return std::nullopt;
}

/// Braces first: the value of a variable may have some of its own.
Result<std::string> text_of(const EnvTemplate& of, const Variables& worker, const Lookup& variables) {
  const auto look = [&](std::string_view name) -> std::optional<std::string> {
    // Texts of a mode may have other braces, a logging format for example; they stay.
    if (!of.strict && !is_of_worker(name)) return "{" + std::string(name) + "}";
    return of_worker(worker, name);
  };
  const auto text = expand_template(of.text, look, kKnown);
  if (!text.ok()) return usage_error(of.place + ": " + text.error().message);
  return expand_variables(*text, variables);
}

}  // namespace

Complaint parse_env(const ConfigValue& value, std::vector<EnvTemplate>& out) {
  return read_names(value, [&](const std::string& name, const ConfigValue& text) -> Complaint {
    EnvTemplate& entry = out.emplace_back();
    entry.name = name;
    entry.line = text.line;
    entry.column = text.column;
    return read_variable(name, text, entry.text);
  });
}

Result<TestEnvironment> divide(std::vector<EnvTemplate> env, const std::string& file, const Variables& mode,
                               const std::string& mode_name, const Lookup& outside) {
  TestEnvironment out;
  const auto known = [&](std::string_view name) {
    auto value = value_of(out.all, name);
    return value ? value : outside(name);
  };
  for (EnvTemplate& entry : env) {
    entry.place =
        file + ":" + std::to_string(entry.line) + ":" + std::to_string(entry.column) + ": key 'env." + entry.name + "'";
    // The mode counts more, whether its text is a template or not.
    if (value_of(mode, entry.name)) continue;
    if (names_worker(entry.text)) {
      out.of_workers.push_back(std::move(entry));
      continue;
    }
    // Without a worker: a name in braces that is left is none that exists, and the error names its place.
    TRUN_TRY(value, text_of(entry, {}, known));
    out.all.emplace_back(entry.name, std::move(value));
  }
  for (const auto& [name, value] : mode) {
    if (names_worker(value)) {
      // Not strict: braces that name nothing stay in the texts of a mode (docs/configuration.md).
      out.of_workers.push_back({name, value, false, "mode '" + mode_name + "': variable " + name});
    } else {
      out.all.emplace_back(name, value);
    }
  }
  // Of a name that was given more than once the last counts, template or not.
  std::erase_if(out.of_workers, [&](const EnvTemplate& each) {
    const auto last = value_of(mode, each.name);
    return last && *last != each.text;
  });
  return out;
}

std::vector<EnvTemplate> of_mode(std::vector<EnvTemplate> templates) {
  std::erase_if(templates, [](const EnvTemplate& each) { return each.strict; });
  return templates;
}

Result<Variables> expand(const std::vector<EnvTemplate>& templates, const Variables& worker, const Lookup& outside) {
  Variables out;
  const auto known = [&](std::string_view name) {
    // The nearest first: a template above it, then what trun gives the worker, then the environment of the run.
    auto value = value_of(out, name);
    if (!value) value = value_of(worker, name);
    return value ? value : outside(name);
  };
  for (const EnvTemplate& each : templates) {
    TRUN_TRY(value, text_of(each, worker, known));
    out.emplace_back(each.name, std::move(value));
  }
  return out;
}

}  // namespace trun
