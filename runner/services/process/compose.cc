#include "runner/services/process/compose.h"

#include <filesystem>

#include "runner/kernel/launch.h"

namespace trun {
namespace {

namespace fs = std::filesystem;

/// Docker looks there for its plugins.
bool has_docker_plugin(const std::string& home) {
  std::error_code ignored;
  for (const std::string& folder :
       {home + "/.docker/cli-plugins", std::string("/usr/local/lib/docker/cli-plugins"),
        std::string("/usr/local/libexec/docker/cli-plugins"), std::string("/usr/lib/docker/cli-plugins"),
        std::string("/usr/libexec/docker/cli-plugins")}) {
    if (fs::exists(folder + "/docker-compose", ignored)) return true;
  }
  return false;
}

}  // namespace

Result<std::vector<std::string>> find_compose(const std::string& path, const std::string& home) {
  const auto docker = find_program("docker", path, "/");
  // Without its plugin, `docker compose` fails only when it is run: then another engine is looked for.
  if (docker.ok() && has_docker_plugin(home)) return std::vector<std::string>{docker.value(), "compose"};
  for (const char* name : {"podman-compose", "docker-compose"}) {
    const auto found = find_program(name, path, "/");
    if (found.ok()) return std::vector<std::string>{found.value()};
  }
  return usage_error(std::string("no engine for compose files is here: ") +
                     (docker.ok() ? "docker is, without its compose plugin" : "neither docker") +
                     (docker.ok() ? ", and no podman-compose" : " with its compose plugin nor podman-compose is") +
                     "; install docker-compose-plugin or podman-compose, or leave out the tests that need it");
}

std::vector<std::string> compose_prefix(const std::vector<std::string>& engine, const ComposeFile& compose,
                                        const std::string& project) {
  std::vector<std::string> words = engine;
  words.insert(words.end(), {"-p", project, "-f", compose.file});
  for (const std::string& profile : compose.profiles) words.insert(words.end(), {"--profile", profile});
  for (const std::string& file : compose.env_files) words.insert(words.end(), {"--env-file", file});
  return words;
}

std::vector<std::string> compose_up(const std::vector<std::string>& engine, const ComposeFile& compose,
                                    const std::string& project) {
  std::vector<std::string> words = compose_prefix(engine, compose, project);
  // Without -d, in the foreground: the process lives as long as the containers, and its end is theirs.
  words.push_back("up");
  words.insert(words.end(), compose.services.begin(), compose.services.end());
  return words;
}

std::vector<std::string> compose_down(const std::vector<std::string>& engine, const ComposeFile& compose,
                                      const std::string& project) {
  std::vector<std::string> words = compose_prefix(engine, compose, project);
  // -t 1: a container that `up` has left running has one second from its stop signal to its kill.
  words.insert(words.end(), {"down", "--volumes", "-t", "1"});
  return words;
}

}  // namespace trun
