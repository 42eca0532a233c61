#include "runner/model/service.h"

namespace trun {

std::string_view scope_name(ServiceOptions::Scope scope) {
  switch (scope) {
    case ServiceOptions::Scope::run:
      return "run";
    case ServiceOptions::Scope::worker:
      return "worker";
    case ServiceOptions::Scope::slot_database:
      return "slot-database";
  }
  return "unknown";
}

std::string_view phase_name(ServicePhase phase) {
  switch (phase) {
    case ServicePhase::dependencies:
      return "dependencies";
    case ServicePhase::databases:
      return "databases";
    case ServicePhase::services:
      return "services";
  }
  return "unknown";
}

std::string_view check_name(ReadyCheck::Kind kind) {
  switch (kind) {
    case ReadyCheck::Kind::started:
      return "start";
    case ReadyCheck::Kind::tcp:
      return "tcp";
    case ReadyCheck::Kind::http:
      return "http";
    case ReadyCheck::Kind::command:
      return "command";
    case ReadyCheck::Kind::log:
      return "log line";
  }
  return "unknown";
}

}  // namespace trun
