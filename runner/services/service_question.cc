#include "runner/services/service_question.h"

#include <boost/json.hpp>

namespace trun {
namespace {

namespace json = boost::json;

Result<json::object> object_of(const JsonText& args) {
  boost::system::error_code error;
  json::value value = json::parse(args, error);
  if (error || !value.is_object()) return internal_error("nonsense in a question: args are not an object");
  return std::move(value.as_object());
}

Result<std::uint64_t> ordinal_of(const json::object& args) {
  const json::value* found = args.if_contains("ordinal");
  // Boost.JSON makes an int64 of every integer that fits into one.
  const auto* number = found ? found->if_int64() : nullptr;
  if (!number || *number < 0) return internal_error("nonsense in a question: ordinal is not a number");
  return static_cast<std::uint64_t>(*number);
}

json::value text_or_null(const Result<std::string>& text) {
  // A service without a URL or a database has None there in the fixture.
  return text.ok() && !text.value().empty() ? json::value(text.value()) : json::value(nullptr);
}

}  // namespace

Result<AdmitQuestion> decode_admit_question(const JsonText& args) {
  TRUN_TRY(object, object_of(args));
  // Ordinals are the worker's count; which test that is, the engine knows (ServiceDesk).
  TRUN_TRY(ordinal, ordinal_of(object));
  return AdmitQuestion{ordinal};
}

Result<ServiceQuestion> decode_service_question(const JsonText& args) {
  TRUN_TRY(object, object_of(args));
  TRUN_TRY(ordinal, ordinal_of(object));
  const json::value* name = object.if_contains("name");
  if (!name || !name->is_string()) return internal_error("nonsense in a question: name is not a string");
  return ServiceQuestion{std::string(name->as_string().c_str()), ordinal};
}

JsonText service_answer(const Services& services, ServiceIndex service, Slot slot) {
  const ServiceOptions& of = services.options_of(service);
  const ServiceValues& values = services.values();
  json::object ports;
  for (const ServicePort& port : of.ports) ports[port.name] = values.port(service, port.name);
  json::object out;
  out["host"] = "127.0.0.1";
  out["port"] = of.ports.empty() ? json::value(nullptr) : json::value(values.port(service));
  out["ports"] = std::move(ports);
  out["url"] = text_or_null(values.url(service, slot));
  // Only there a slot has a database; elsewhere a name would be that of nothing.
  const bool of_slots = of.scope == ServiceOptions::Scope::slot_database;
  out["database"] = of_slots ? text_or_null(values.database(service, slot)) : json::value(nullptr);
  return json::serialize(out);
}

}  // namespace trun
