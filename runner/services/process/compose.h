// Compose files as services: which of the engines that read them there is, and what it is told. Text in, text out, but
// for the look at what is installed. trun runs no containers itself.
#pragma once

#include <string>
#include <vector>

#include "runner/base/result.h"
#include "runner/model/service.h"

namespace trun {

/// The words that begin a command: "docker compose", "podman-compose" or "docker-compose". `path`: $PATH; `home`: where
/// docker's plugins of this user are. Error (usage): there is none; what to install.
Result<std::vector<std::string>> find_compose(const std::string& path, const std::string& home);

/// `engine`, project, file, profiles and environment files.
std::vector<std::string> compose_prefix(const std::vector<std::string>& engine, const ComposeFile& compose,
                                        const std::string& project);
/// Runs in the foreground until it is stopped.
std::vector<std::string> compose_up(const std::vector<std::string>& engine, const ComposeFile& compose,
                                    const std::string& project);
/// Removes what `up` has made: containers, networks, volumes.
std::vector<std::string> compose_down(const std::vector<std::string>& engine, const ComposeFile& compose,
                                      const std::string& project);

}  // namespace trun
