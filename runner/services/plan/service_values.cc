#include "runner/services/plan/service_values.h"

#include "runner/base/run_id.h"

namespace trun {
namespace {

constexpr const char* kHost = "127.0.0.1";

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

ServiceValues::ServiceValues(const std::vector<ServiceOptions>& services, const ServicePlan& plan, std::string run_id,
                             PortLookup others)
    : services_(services),
      plan_(plan),
      run_id_(std::move(run_id)),
      others_(std::move(others)),
      values_(plan.instances.size()) {}

void ServiceValues::set_port(ServiceIndex service, const std::string& name, std::uint16_t number) {
  // As text: templates and variables need nothing else.
  values_[service].ports.emplace_back(name, std::to_string(number));
}

std::uint16_t ServiceValues::port(ServiceIndex service, std::string_view name) const {
  for (const auto& [each, number] : values_[service].ports) {
    if (name.empty() || each == name) return static_cast<std::uint16_t>(std::stoul(number));
  }
  return 0;
}

Result<std::string> ServiceValues::expand(ServiceIndex service, std::string_view text, std::optional<Slot> slot) const {
  // A service of scope worker speaks of its own slot, whoever asks.
  if (const auto own = plan_.instances[service].slot) slot = own;
  auto expanded = expand_template(
      text, [&](std::string_view name) { return look_up_anywhere(service, slot, name); }, known(service, slot));
  if (expanded.ok()) return expanded;
  const ServiceOptions& of = options(service);
  return usage_error((of.place.empty() ? "" : of.place + ": ") + "service '" + of.name +
                     "': " + expanded.error().message);
}

Result<std::vector<std::string>> ServiceValues::expand(ServiceIndex service, const std::vector<std::string>& texts,
                                                       std::optional<Slot> slot) const {
  std::vector<std::string> out;
  for (const std::string& text : texts) {
    TRUN_TRY(expanded, expand(service, text, slot));
    out.push_back(std::move(expanded));
  }
  return out;
}

std::optional<std::string> ServiceValues::look_up(ServiceIndex service, std::optional<Slot> slot,
                                                  std::string_view name) const {
  const ServiceOptions& of = options(service);
  const Values& values = values_[service];
  if (name == "name") return of.name;
  if (name == "host") return kHost;
  if (name == "dir") return values.directory;
  if (name == "run_id") return short_run_id(run_id_);
  if (name == "slot" && slot) return std::to_string(*slot);
  // Only where each slot has a database, and it is known whose is meant; else the name is unknown here.
  if (name == "database" && slot && of.scope == ServiceOptions::Scope::slot_database) {
    auto found = database(service, *slot);
    if (found.ok()) return *found;
  }
  if (take_prefix(name, "service.")) return look_up_other(slot, name);
  if (name == "port" && !values.ports.empty()) return values.ports.front().second;
  if (!take_prefix(name, "port.")) return std::nullopt;
  for (const auto& [each, number] : values.ports) {
    if (each == name) return number;
  }
  return std::nullopt;
}

std::optional<std::string> ServiceValues::look_up_anywhere(ServiceIndex service, std::optional<Slot> slot,
                                                           std::string_view name) const {
  // A service's own ports hide those of [ports] with the same name.
  if (auto own = look_up(service, slot, name)) return own;
  if (!others_ || !take_prefix(name, "port.")) return std::nullopt;
  const auto number = others_(slot, name);
  return number ? std::optional(std::to_string(*number)) : std::nullopt;
}

/// "db.port", "db.port.sql", "db.host", "db.url": of another service.
std::optional<std::string> ServiceValues::look_up_other(std::optional<Slot> slot, std::string_view name) const {
  const std::size_t dot = std::min(name.find('.'), name.size());
  const auto other = plan_.find(services_, name.substr(0, dot), slot.value_or(0));
  // Without a slot there is no saying which of several is meant.
  if (!other || (plan_.instances[*other].slot && !slot)) return std::nullopt;
  name.remove_prefix(std::min(dot + 1, name.size()));
  if (name == "url") {
    auto found = url(*other, slot);
    return found.ok() && !found->empty() ? std::optional(*found) : std::nullopt;
  }
  if (name == "database" && slot && options(*other).scope == ServiceOptions::Scope::slot_database) {
    auto found = database(*other, *slot);
    return found.ok() ? std::optional(*found) : std::nullopt;
  }
  // Of another service only its address can be named, not its {dir}.
  const bool plain = name == "host" || name == "port" || name.starts_with("port.");
  return plain ? look_up(*other, slot, name) : std::nullopt;
}

std::string ServiceValues::known(ServiceIndex service, std::optional<Slot> slot) const {
  std::string names = "{name}, {host}, {dir}, {run_id}";
  if (slot) names += ", {slot}";
  for (const auto& port : values_[service].ports) names += ", {port." + port.first + "}";
  return names + ", {port.NAME} of [ports], {service.NAME.port}, {service.NAME.host}, {service.NAME.url}";
}

Result<std::string> ServiceValues::database(ServiceIndex service, Slot slot) const {
  const SlotDatabase& of = options(service).database;
  const bool redis = of.kind == SlotDatabase::Kind::redis;
  // Redis numbers its databases; the slot's number is its name.
  if (redis && of.prefix.empty()) return std::to_string(slot);
  return expand_template(
      redis ? of.prefix : of.name,
      [&](std::string_view name) -> std::optional<std::string> {
        if (name == "slot") return std::to_string(slot);
        if (name == "run_id") return short_run_id(run_id_);
        return std::nullopt;
      },
      "{slot}, {run_id}");
}

Result<std::string> ServiceValues::url(ServiceIndex service, std::optional<Slot> slot) const {
  using Kind = SlotDatabase::Kind;
  const ServiceOptions& of = options(service);
  if (!of.url.empty()) return expand(service, of.url, slot);
  const std::string at = std::string(kHost) + ":" + std::to_string(port(service, of.ready.port));
  // Without a port there is no address to put into a URL.
  if (port(service, of.ready.port) == 0) return std::string();
  if (of.scope == ServiceOptions::Scope::slot_database && of.database.kind != Kind::command) {
    const bool redis = of.database.kind == Kind::redis;
    std::string text = redis ? "redis://" + at : "postgresql://" + of.database.user + "@" + at;
    if (redis && !of.database.prefix.empty()) return text + "/0";
    // The server alone, for those who add a database themselves.
    if (!slot) return text;
    TRUN_TRY(name, database(service, *slot));
    return text + "/" + name;
  }
  return of.ready.kind == ReadyCheck::Kind::http ? "http://" + at : std::string();
}

Result<Variables> ServiceValues::variables(std::optional<Slot> slot) const {
  Variables out;
  for (ServiceIndex i = 0; i < plan_.instances.size(); ++i) {
    // Those of other workers are none of a test's business.
    if (plan_.instances[i].slot && plan_.instances[i].slot != slot) continue;
    const ServiceOptions& of = options(i);
    const std::string prefix = service_variable(of.name);
    out.emplace_back(prefix + "_HOST", kHost);
    for (const auto& [name, number] : values_[i].ports) {
      // The first port also has the short name.
      if (&name == &values_[i].ports.front().first) out.emplace_back(prefix + "_PORT", number);
      out.emplace_back(prefix + "_PORT_" + variable_word(name), number);
    }
    const bool of_slots = of.scope == ServiceOptions::Scope::slot_database;
    // A URL of the user's own may name the slot.
    if (of_slots && !slot && !of.url.empty()) continue;
    TRUN_TRY(address, url(i, slot));
    if (!address.empty()) out.emplace_back(prefix + "_URL", address);
    if (!of_slots || !slot) continue;
    TRUN_TRY(name, database(i, *slot));
    out.emplace_back(prefix + "_DATABASE", name);
  }
  return out;
}

}  // namespace trun
