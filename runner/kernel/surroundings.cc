#include "runner/kernel/surroundings.h"

#include <limits.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace trun {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::optional<std::string> environment_variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

std::string fresh_run_id() {
  // std::random_device of g++ 12 needs glibc 2.36. The kernel refuses getentropy() nothing of this size.
  std::array<unsigned, 4> random{};
  [[maybe_unused]] const int status = ::getentropy(random.data(), sizeof random);
  char id[33];
  std::snprintf(id, sizeof id, "%08x%08x%08x%08x", random[0], random[1], random[2], random[3]);
  return id;
}

std::string current_directory() {
  char path[PATH_MAX];
  // It fails where the directory was removed, or cannot be reached.
  return ::getcwd(path, sizeof path) ? path : ".";
}

std::int64_t unix_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

}  // namespace trun
