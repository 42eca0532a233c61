#include "runner/engine/dry_run.h"

#include <set>
#include <vector>

#include "runner/config/option_value.h"

namespace trun {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string names_of(const Config& config) {
  std::set<std::string> names;
  for (const auto& variable : config.environment) names.insert(variable.first);
  for (const EnvTemplate& each : config.worker_environment) names.insert(each.name);
  return joined({names.begin(), names.end()});
}

/// What a test asks for, in brackets; empty: nothing.
std::string wishes(const TestItem& item) {
  std::vector<std::string> all;
  if (item.timeout) {
    const std::string quoted = show(item.timeout);
    all.push_back("timeout " + quoted.substr(1, quoted.size() - 2));
  }
  const TestDemands& demands = item.demands;
  if (demands.isolate && *demands.isolate != Isolation::none)
    all.push_back("isolate " + std::string(isolation_name(*demands.isolate)));
  if (demands.serial) all.push_back("serial");
  for (const ResourceDemand& demand : demands.resources) all.push_back(demand_text(demand));
  for (const std::string& service : demands.services) all.push_back("service " + service);
  return all.empty() ? "" : "  [" + joined(all) + "]";
}

}  // namespace

std::string dry_run_text(const Config& config, const RunPlan& plan, const std::vector<std::string>& services,
                         const Collection& collection) {
  std::string out = "dry run: nothing is started and no test is run";
  if (const Mode* mode = config.current_mode()) {
    out += "\nmode: " + mode->name;
    std::vector<std::string> files;
    for (const EnvFile& file : mode->env_files) files.push_back(file.path);
    if (!files.empty()) out += "\nenvironment files: " + joined(files);
  }
  const std::string variables = names_of(config);
  if (!variables.empty()) out += "\nvariables: " + variables;
  for (const std::string& phase : services) out += "\nservices, phase " + phase;
  out += "\nworkers: " + std::to_string(plan.workers) + ", collect " + std::string(collect_mode_name(plan.mode));
  out += "\ntests, in order: " + std::to_string(collection.items.size());
  for (const TestItem& item : collection.items) out += "\n  " + item.id + wishes(item);
  return out;
}

}  // namespace trun
