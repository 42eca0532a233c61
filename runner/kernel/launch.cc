#include "runner/kernel/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/stdio.hpp>
#include <charconv>
#include <filesystem>

#include "runner/kernel/descriptors.h"
#include "runner/kernel/fd.h"

namespace trun {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace process = boost::process::v2;

/// Whom a child is to run as, looked up before the fork.
struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

Result<std::optional<Account>> find_account(const std::string& user) {
  if (user.empty()) return std::optional<Account>();
  errno = 0;
  const passwd* found = ::getpwnam(user.c_str());
  if (!found) return usage_error("there is no user '" + user + "' on this machine");
  if (::geteuid() != 0 && ::geteuid() != found->pw_uid) {
    return usage_error("only root can start something as user '" + user + "'; leave 'user' out, or run trun as root");
  }
  // It is this user: setgid(2) and initgroups(3) would fail without privileges, and there is nothing to change.
  if (::geteuid() == found->pw_uid) return std::optional<Account>();
  return std::optional(Account{user, found->pw_uid, found->pw_gid});
}

// SD_LISTEN_FDS_START of sd_listen_fds(3).
constexpr int kFirstHandedOver = 3;
// Digits of any 64-bit number.
constexpr std::ptrdiff_t kLongestPid = 20;

/// Keeps the numbers that handed-over sockets get in the child from what is opened here for the launch itself.
std::vector<Fd> hold_low_numbers(std::size_t count) {
  std::vector<Fd> held;
  // Each open(2) gets the lowest free number: in the end 3 up to 2 + count are taken, by /dev/null or by something of
  // trun's. Without this, a pipe of the launcher's could be number 3, and dup2() in the child would close it under the
  // launcher.
  if (count == 0) return held;
  do {
    held.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  } while (held.back() && held.back().get() < kFirstHandedOver + static_cast<int>(count));
  return held;
}

/// What trun itself may have been started with is not for others.
bool is_about_listening(const std::string& variable) {
  return variable.starts_with("LISTEN_FDS=") || variable.starts_with("LISTEN_PID=") ||
         variable.starts_with("LISTEN_FDNAMES=");
}

/// "LISTEN_FDNAMES=http:admin".
std::string names_of(const std::vector<HandedOver>& sockets) {
  std::string names;
  for (const HandedOver& each : sockets) names += (names.empty() ? "" : ":") + each.name;
  return "LISTEN_FDNAMES=" + names;
}

/// The first `wanted` processors of those that this process may use.
void use_fewer_cpus(unsigned wanted) {
  cpu_set_t all, few;
  if (::sched_getaffinity(0, sizeof all, &all) != 0) return;
  CPU_ZERO(&few);
  for (int cpu = 0; cpu < CPU_SETSIZE && static_cast<unsigned>(CPU_COUNT(&few)) < wanted; ++cpu) {
    if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &few);
  }
  if (CPU_COUNT(&few) > 0) ::sched_setaffinity(0, sizeof few, &few);
}

/// What a child of trun's own does between fork and exec (style.md, 25).
///
/// Boost 1.81's own initializer for a descriptor has a function without its return (undefined behaviour), hence
/// on_setup.
struct ChildSetup {
  const LaunchOptions& options;
  char* listen_pid;  ///< behind "LISTEN_PID="; room for a number
  const std::optional<Account>& account;
  const char* const* environment;  ///< nullptr: trun's own
  pid_t trun;

  template <typename Launcher, typename Path>
  boost::system::error_code on_setup(Launcher& launcher, const Path&, const char* const*&) const {
    launcher.fd_whitelist.insert(launcher.fd_whitelist.end(), options.inherited.begin(), options.inherited.end());
    for (int i = 0; i < static_cast<int>(options.handed_over.size()); ++i) {
      launcher.fd_whitelist.push_back(kFirstHandedOver + i);
    }
    if (environment) launcher.env = environment;
    return {};
  }

  template <typename Launcher, typename Path>
  boost::system::error_code on_exec_setup(Launcher&, const Path&, const char* const*&) const {
    // Before exec, so that a signal to the group reaches the program from its first moment.
    if (options.own_session) {
      ::setsid();
    } else {
      ::setpgid(0, 0);
    }
    // The launcher closes all but its whitelist; close-on-exec is taken off here, in the child alone.
    for (const int fd : options.inherited) ::fcntl(fd, F_SETFD, 0);
    take_over();
    restore_descriptor_limit();
    if (options.cpus > 0) use_fewer_cpus(options.cpus);
    // Groups, then gid, then uid: after setuid() there is no right to change the others.
    if (account && (::initgroups(account->name.c_str(), account->gid) != 0 || ::setgid(account->gid) != 0 ||
                    ::setuid(account->uid) != 0)) {
      return last_error();
    }
    // A change of user forgets it: after that.
    if (options.dies_with_trun) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
      // trun may have ended before prctl(): then no signal will come.
      if (::getppid() != trun) ::_exit(1);
    }
    // As the user that it runs as: a folder that this one may not enter is an error here.
    if (!options.cwd.empty() && ::chdir(options.cwd.c_str()) != 0) return last_error();
    // A blocked or ignored signal stays so over exec (execve(2)): trun blocks or ignores these for itself only.
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int signal : {SIGPIPE, SIGTTOU, SIGTTIN}) ::signal(signal, SIG_DFL);
    return {};
  }

  /// Only the child knows its pid, which tells it from others that have inherited the variables.
  void take_over() const {
    if (options.handed_over.empty()) return;
    for (std::size_t i = 0; i < options.handed_over.size(); ++i) {
      ::dup2(options.handed_over[i].fd, kFirstHandedOver + static_cast<int>(i));
    }
    // In place: the text stands in the environment that exec is given.
    *std::to_chars(listen_pid, listen_pid + kLongestPid, ::getpid()).ptr = '\0';
  }

  static boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }
};

bool is_executable_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

Result<int> launch(const LaunchOptions& options) {
  TRUN_TRY(account, find_account(options.user));
  std::vector<const char*> environment;
  const std::string count = "LISTEN_FDS=" + std::to_string(options.handed_over.size());
  const std::string names = names_of(options.handed_over);
  std::string whose = "LISTEN_PID=" + std::string(kLongestPid + 1, ' ');
  char* const listen_pid = whose.data() + whose.find('=') + 1;
  if (options.environment) {
    for (const std::string& each : *options.environment) {
      if (!is_about_listening(each)) environment.push_back(each.c_str());
    }
    if (!options.handed_over.empty())
      environment.insert(environment.end(), {count.c_str(), names.c_str(), whose.c_str()});
    environment.push_back(nullptr);
  }
  const std::vector<Fd> held = hold_low_numbers(options.handed_over.size());
  const std::vector<std::string> arguments(options.argv.begin() + 1, options.argv.end());
  asio::io_context io{1};
  boost::system::error_code error;
  auto child = process::default_process_launcher{}(
      io.get_executor(), error, boost::filesystem::path(options.argv[0]), arguments,
      process::process_stdio{nullptr, options.stdout_fd, options.stderr_fd},
      ChildSetup{options, listen_pid, account, options.environment ? environment.data() : nullptr, ::getpid()});
  if (error) {
    const std::string who = options.user.empty() ? "" : " as user '" + options.user + "'";
    const std::string where = options.cwd.empty() ? "" : " in " + options.cwd;
    return usage_error("cannot start " + options.argv[0] + who + where + ": " + error.message());
  }
  const int pid = static_cast<int>(child.id());
  // Else the destructor of `child` would end the process.
  child.detach();
  return pid;
}

Result<std::string> find_program(const std::string& name, const std::string& path, const std::string& cwd) {
  if (name.find('/') != std::string::npos) {
    const fs::path file = (fs::path(cwd) / name).lexically_normal();
    if (is_executable_file(file)) return file.string();
    std::error_code ignored;
    return usage_error(file.string() + (fs::exists(file, ignored) ? " is not an executable file" : " does not exist"));
  }
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const fs::path candidate = fs::path(cwd) / path.substr(begin, end - begin) / name;
    if (!name.empty() && is_executable_file(candidate)) return candidate.lexically_normal().string();
    begin = end + 1;
  }
  return usage_error("there is no program '" + name + "' on PATH");
}

}  // namespace trun
