// Steps of a set of services as text, for comparison in tests: "ready 0 after 100 ms; launch 1; ".
#pragma once

#include <string>

#include "runner/services/lifecycle/service_step.h"

namespace trun {

inline std::string text(const ServiceStep& step) {
  std::string out;
  for (const ServiceNews& news : step.news) {
    const char* const words[] = {"ready", "died", "failed", "stopped"};
    out += std::string(words[static_cast<int>(news.what)]) + " " + std::to_string(news.service);
    if (news.what == ServiceNews::What::ready) {
      out +=
          " after " + std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(news.took).count()) + " ms";
    }
    out += (news.why.empty() ? "" : " (" + news.why + ")") + "; ";
  }
  for (const ServiceAction& action : step.actions) {
    const char* const words[] = {"launch", "check", "terminate", "kill"};
    out += std::string(words[action.index()]) + " ";
    out += std::visit([](const auto& a) { return std::to_string(a.service); }, action) + "; ";
  }
  return out;
}

}  // namespace trun
