#include "runner/workers/interpreter.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

namespace trun {
namespace {

namespace fs = std::filesystem;

bool is_executable_file(const fs::path& path) {
  // What cannot be looked at is no interpreter.
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

/// The shell's rule: an empty entry of $PATH is the current directory.
std::optional<fs::path> find_on_path(const std::string& name, const InterpreterQuery& query) {
  for (std::size_t begin = 0; begin <= query.path.size();) {
    const std::size_t end = std::min(query.path.find(':', begin), query.path.size());
    const fs::path candidate = fs::path(query.cwd) / query.path.substr(begin, end - begin) / name;
    if (is_executable_file(candidate)) return candidate;
    begin = end + 1;
  }
  return std::nullopt;
}

Result<std::string> given_interpreter(const InterpreterQuery& query) {
  if (query.python.find('/') == std::string::npos) {
    if (const auto found = find_on_path(query.python, query)) return found->lexically_normal().string();
    return usage_error("--python " + query.python + ": there is no such command on PATH");
  }
  const fs::path path = (fs::path(query.cwd) / query.python).lexically_normal();
  if (is_executable_file(path)) return path.string();
  std::error_code ignored;
  return usage_error("--python " + path.string() +
                     (fs::exists(path, ignored) ? ": not an executable file" : ": there is no such file"));
}

bool has_pytest(const fs::path& site_packages) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(site_packages, ignored)) {
    const std::string name = entry.path().filename().string();
    // An editable installation has only the second.
    if (name == "pytest" || (name.starts_with("pytest-") && name.ends_with(".dist-info"))) return true;
  }
  return false;
}

/// Of a virtual environment, pyvenv.cfg says whether it also has the packages of the Python that it was made by.
bool sees_system_packages(const fs::path& settings) {
  std::ifstream file(settings);
  for (std::string line; std::getline(file, line);) {
    // venv writes "include-system-site-packages = true"; others leave the blanks out.
    std::erase(line, ' ');
    if (line == "include-system-site-packages=true") return true;
  }
  return false;
}

/// Like every other command of an environment, trun uses the environment's Python. pipx and its like make one for trun
/// alone: without pytest, it says nothing about the Python of the tests.
bool is_environment_with_pytest(const fs::path& prefix) {
  std::error_code ignored;
  if (!fs::exists(prefix / "pyvenv.cfg", ignored)) return false;
  if (sees_system_packages(prefix / "pyvenv.cfg")) return true;
  for (const fs::directory_entry& entry : fs::directory_iterator(prefix / "lib", ignored))
    if (has_pytest(entry.path() / "site-packages")) return true;
  return false;
}

}  // namespace

Result<std::string> find_interpreter(const InterpreterQuery& query) {
  if (!query.python.empty()) return given_interpreter(query);
  std::vector<fs::path> candidates;
  // An environment that is active in the shell comes second: whoever calls environment/bin/trun means that environment.
  if (is_environment_with_pytest(query.prefix)) candidates.push_back(fs::path(query.prefix) / "bin/python");
  if (!query.virtual_env.empty()) candidates.push_back(fs::path(query.cwd) / query.virtual_env / "bin/python");
  candidates.push_back(fs::path(query.cwd) / ".venv/bin/python");
  std::string tried;
  for (const fs::path& candidate : candidates) {
    // Not canonical(): Python finds pyvenv.cfg beside the path by which it was called, which may be a symbolic link.
    if (is_executable_file(candidate)) return candidate.lexically_normal().string();
    tried += candidate.lexically_normal().string() + ", ";
  }
  for (const char* name : {"python3", "python"}) {
    if (const auto found = find_on_path(name, query)) return found->lexically_normal().string();
  }
  return usage_error("no Python interpreter found; tried " + tried +
                     "python3 and python on PATH; name one with --python PATH or activate a virtual environment");
}

}  // namespace trun
