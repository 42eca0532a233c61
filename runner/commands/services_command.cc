#include "runner/commands/services_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "runner/base/exit_code.h"
#include "runner/commands/services_file.h"
#include "runner/commands/services_holder.h"
#include "runner/config/did_you_mean.h"
#include "runner/containment/guardian.h"
#include "runner/kernel/posix.h"
#include "runner/kernel/surroundings.h"
#include "runner/services/service_folder.h"

namespace trun {
namespace {

constexpr const char* kUsageText =
    "usage: trun services up [NAME...]   start all services, or these with what they need, and leave them running\n"
    "       trun services down           stop them\n"
    "       trun services status         what each is at, and where\n"
    "       trun services logs NAME      what it has written\n"
    "each with --config PATH and --mode NAME as a run has them\n";

int fail(const std::string& message, int code = kUsage) {
  std::fprintf(stderr, "trun: %s\n", message.c_str());
  return code;
}

Result<Place> find_place(const std::vector<std::string>& args) {
  Place place;
  TRUN_TRY(config, load_config(args, current_directory()));
  place.config = std::move(config);
  // Services inherit the environment, and so find the variables of the mode.
  for (const auto& [name, value] : place.config.environment) ::setenv(name.c_str(), value.c_str(), 1);
  place.names = place.config.pytest_args;
  if (!place.config.tables.contains("services")) {
    return usage_error(
        (place.config.file.empty() ? "no trun.toml was found here or above, and so" : place.config.file + " declares") +
        std::string(" no services: declare [services.NAME] in it"));
  }
  place.folder = service_folder(place.config.file);
  std::vector<std::string_view> known;
  for (const auto& each : place.config.services) known.push_back(each.name);
  for (const std::string& name : place.names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return usage_error("there is no service '" + name + "' in " + place.config.file + did_you_mean(name, known));
  }
  return place;
}

/// Away from the terminal, in a session of its own.
void detach() {
  ::setsid();
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, fd);
}

/// What ends a command, held back while this lives, less what the caller ignores.
class HeldSignals {
 public:
  HeldSignals() { ::sigprocmask(SIG_BLOCK, &signals_, &callers_); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals() { release(); }

  void release() const { ::sigprocmask(SIG_SETMASK, &callers_, nullptr); }

  /// Whether one has come since the last time.
  bool came() const {
    const timespec at_once{};
    return ::sigtimedwait(&signals_, nullptr, &at_once) > 0;
  }

 private:
  const sigset_t signals_ = posix::not_ignored({SIGINT, SIGTERM, SIGHUP});
  sigset_t callers_{};
};

int up(const Place& place) {
  const ServicesFile file(place.folder);
  if (const auto state = file.read()) {
    return fail("services are up already (process " + std::to_string(state->pid) +
                "): 'trun services status' shows them, 'trun services down' stops them");
  }
  auto pipe = posix::make_pipe();
  if (!pipe.ok()) return fail(pipe.error().message, kInternal);
  // From before the fork: an interrupt in between would end this process and leave the child without anybody who tells
  // it.
  const HeldSignals signals;
  const pid_t child = ::fork();
  if (child < 0) return fail(std::string("cannot fork: ") + ::strerror(errno), kInternal);
  // The child is the guardian and forks the process that holds the services (services_holder.h), as main() and the
  // engine of a run. Both outlive this process, which only waits until the services have settled and then leaves them.
  if (child == 0) {
    pipe->read.reset();
    signals.release();
    detach();
    ::signal(SIGPIPE, SIG_IGN);
    Fd told = std::move(pipe->write);
    std::exit(run_guarded(
        [&](Fd guardian, GuardianPage&) { return hold_services(place, std::move(guardian), std::move(told)); }));
  }
  pipe->write.reset();
  // The guardian holds the pipe too: what is said ends with a table, or with the process.
  std::string said;
  bool interrupted = false;
  const auto hear = [&](Duration patience) {
    const auto readable = posix::wait_readable(pipe->read, patience);
    if (!readable.ok() || !*readable) return false;
    char buffer[4096];
    const ssize_t count = ::read(pipe->read.get(), buffer, sizeof buffer);
    if (count > 0)
      said.append(buffer, static_cast<std::size_t>(count));
    else
      ::poll(nullptr, 0, 20);  // its end is near
    return count > 0;
  };
  while (true) {
    // To the guardian, which hands it on to the Holder; that stops what has started.
    if (!interrupted && signals.came()) {
      interrupted = true;
      signals.release();  // a second one ends this process; the other has been told
      std::fputs("trun: interrupted: what was started is being stopped\n", stderr);
      ::kill(child, SIGTERM);
    }
    // Short waits, because the end of the child and the file must be looked at, too.
    if (hear(std::chrono::milliseconds(50))) continue;
    const auto ended = posix::reap(child);
    // The child has ended before the services settled: what it told is the reason.
    if (!ended.ok() || *ended) {
      std::fputs(said.c_str(), stderr);
      if (interrupted) return kInterrupted;
      return ended.ok() && !(*ended)->signaled ? (*ended)->code : kInternal;
    }
    if (interrupted) continue;
    const auto state = file.read();
    if (!state || !state->usable) continue;
    // The table was told before the file was written: it is here, or in the pipe.
    while (hear(Duration{0})) continue;
    std::fputs(said.c_str(), stdout);
    return kOk;
  }
}

int down(const Place& place) {
  const ServicesFile file(place.folder);
  const auto state = file.read();
  // No pid: the Holder has the lock and has not written its file yet.
  if (!state || state->pid == 0) return fail("no services are up here: 'trun services up' starts them");
  ::kill(state->pid, SIGTERM);
  for (const TimePoint deadline = Clock::now() + kDownTakes; Clock::now() < deadline;) {
    // read() finds nothing once the Holder has released its lock, after its clean-up or by its death.
    if (!file.read()) return kOk;
    ::poll(nullptr, 0, 20);
  }
  return fail("the services did not stop within " + std::to_string(kDownTakes / std::chrono::seconds(1)) +
                  " s: process " + std::to_string(state->pid) + " holds them; kill -9 ends them too",
              kInternal);
}

int status(const Place& place) {
  const auto state = ServicesFile(place.folder).read();
  if (!state) {
    std::puts("no services are up here: 'trun services up' starts them");
    return kFailed;
  }
  std::fputs(table_of(*state).c_str(), stdout);
  return kOk;
}

int logs(const Place& place) {
  if (place.names.size() != 1) return fail("'trun services logs' needs the name of one service");
  std::string path = place.folder + "/" + place.names[0] + ".log";
  // The file of a run that is over. Where services are up, they tell where their logs really are: the configuration may
  // have changed since.
  for (const ServiceOptions& each : place.config.services) {
    if (each.name == place.names[0] && !each.log.empty()) path = each.log;
  }
  if (const auto state = ServicesFile(place.folder).read()) {
    for (const ServiceRow& row : state->services) {
      if (row.name == place.names[0] && !row.log.empty()) path = row.log;
    }
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail("service " + place.names[0] + " has no log yet (" + path + "): it was not started", kFailed);
  for (std::string line; std::getline(in, line);) std::puts(line.c_str());
  return kOk;
}

}  // namespace

int run_services_command(const std::vector<std::string>& args) {
  const std::string action = args.empty() ? "" : args[0];
  if (action == "--help" || action == "-h") return std::fputs(kUsageText, stdout) < 0;
  const std::pair<const char*, int (*)(const Place&)> actions[] = {
      {"up", up}, {"down", down}, {"status", status}, {"logs", logs}};
  for (const auto& [name, run] : actions) {
    if (action != name) continue;
    const auto place = find_place({args.begin() + 1, args.end()});
    return place.ok() ? run(*place) : fail(place.error().message);
  }
  std::fputs(kUsageText, stderr);
  return kUsage;
}

}  // namespace trun
