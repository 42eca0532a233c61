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
#include <memory>

#include "runner/base/exit_code.h"
#include "runner/commands/services_file.h"
#include "runner/config/config.h"
#include "runner/config/did_you_mean.h"
#include "runner/containment/guardian.h"
#include "runner/containment/interrupts.h"
#include "runner/containment/reaper.h"
#include "runner/kernel/event_loop.h"
#include "runner/kernel/posix.h"
#include "runner/kernel/surroundings.h"
#include "runner/ports/run_ports.h"
#include "runner/services/service_folder.h"
#include "runner/services/services.h"

namespace trun {
namespace {

// Above the 3.5 s that all services together have for their end (runner/services/services.cc).
constexpr Duration kDownTakes = std::chrono::seconds(8);
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

/// What the commands are about.
struct Place {
  Config config;
  std::vector<std::string> names;  ///< given on the command line
  std::string folder;              ///< of logs
};

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

std::string_view state_name(ServiceState state) {
  constexpr std::string_view kNames[] = {"not started", "waiting", "starting", "ready",
                                         "checking",    "ending",  "failed",   "stopped"};
  return kNames[static_cast<std::size_t>(state)];
}

/// The process that holds the services until it is told to stop.
class Holder {
 public:
  Holder(const Place& place, Fd guardian, Fd told)
      : place_(place), guardian_(std::move(guardian)), told_(std::move(told)) {}

  int run() {
    // Daemons that a service leaves come to this process, which reaps them in tick().
    (void)posix::set_subreaper();
    auto lock = file_.lock();
    // up() has looked already, but two of them may have started at once: the lock decides.
    if (!lock.ok() || !*lock) return tell("services are up already; 'trun services status' shows them"), kUsage;
    // The pipe ends with the guardian (run_guarded). Without it nobody would clean up after this process.
    loop_.watch(guardian_.get(), [this] {
      loop_.unwatch(guardian_.get());
      stop();
    });
    std::vector<int> signals = interrupting_signals();
    // SIGCHLD wakes the loop, and is no reason to stop.
    signals.insert(signals.end(), {SIGHUP, SIGCHLD});
    loop_.on_signals(signals, [this](int signal) {
      if (signal != SIGCHLD) stop();
    });
    loop_.every(std::chrono::milliseconds(100), [this] { tick(); });
    const int code = hold();
    file_.remove();
    return code;
  }

 private:
  int hold() {
    Status status = declared_.open(1);
    if (status.ok()) status = services_.prepare(place_.config.services, 1);
    if (!status.ok()) return tell(status.error().message), kUsage;
    std::vector<ServiceIndex> all;
    for (ServiceIndex i = 0; i < services_.plan().instances.size(); ++i) {
      const std::string& name = services_.options_of(i).name;
      const bool named = std::count(place_.names.begin(), place_.names.end(), name) > 0;
      if (place_.names.empty() ? !services_.options_of(i).lazy : named) all.push_back(i);
    }
    services_.want(std::move(all));
    // All or nothing: where one fails, those that run already are stopped as well.
    wait_until([this] { return stopping_ || services_.settled(); });
    if (failed_ || stopping_) return clean_up(kFailed);
    make_databases();
    if (stopping_) return clean_up(kFailed);
    // The file before the table: up() returns when it has seen both.
    save();
    tell_table();
    // From here on nobody reads: up() returns with the table.
    told_.reset();
    wait_until([this] { return stopping_; });
    return clean_up(kOk);
  }

  /// As a test of slot 0 would find it.
  void make_databases() {
    for (ServiceIndex i = 0; i < services_.plan().instances.size(); ++i) {
      const bool has_one = services_.options_of(i).scope == ServiceOptions::Scope::slot_database;
      if (!has_one || services_.state(i) != ServiceState::ready) continue;
      ++being_made_;
      // The answer may come as late as in clean_up(), so it touches members only, which live as long as `services_`.
      services_.renew_database(i, 0, [this](const std::string& complaint) {
        if (!complaint.empty()) tell("the database could not be made: " + complaint);
        --being_made_;  // perhaps not before the clean-up
      });
    }
    wait_until([this] { return being_made_ == 0 || stopping_; });
  }

  int clean_up(int code) {
    services_.stop();
    const TimePoint deadline = Clock::now() + kDownTakes;
    // A process that the kernel does not let go must not hold up the end.
    wait_until([&] { return services_.all_gone() || Clock::now() > deadline; });
    return code;
  }

  template <typename Predicate>
  void wait_until(Predicate reached) {
    while (!reached()) loop_.run_one(std::chrono::milliseconds(50));
  }

  void tick() {
    services_.tick(Clock::now());
    (void)reap_strangers([this](pid_t pid) { return services_.knows(pid); });
  }

  void heard(const ServiceNews& news) {
    using What = ServiceNews::What;
    const std::string name = services_.plan().instances[news.service].name;
    if (news.what == What::failed) {
      failed_ = true;
      tell("service " + name + " " + news.why + "\n--- the last lines of " + services_.log_path(news.service) + "\n" +
           services_.last_lines(news.service));
    }
    save();
  }

  ServicesState state() const {
    ServicesState out;
    out.pid = ::getpid();
    for (ServiceIndex i = 0; i < services_.plan().instances.size(); ++i) {
      ServiceRow& row = out.services.emplace_back();
      row.name = services_.plan().instances[i].name;
      row.state = state_name(services_.state(i));
      row.why = services_.failure(i);
      const auto url = services_.values().url(i, Slot{0});
      row.url = url.ok() ? url.value() : "";
      row.log = services_.log_path(i);
      for (const ServicePort& port : services_.options_of(i).ports) {
        row.ports.emplace_back(port.name, services_.values().port(i, port.name));
      }
    }
    return out;
  }

  void save() const { (void)file_.write(state()); }
  void tell_table() const;
  void tell(const std::string& text) const {
    if (told_) (void)::write(told_.get(), (text + "\n").data(), text.size() + 1);
  }
  void stop() { stopping_ = true; }

  const Place& place_;
  Fd guardian_, told_;
  const ServicesFile file_{place_.folder};
  EventLoop loop_;
  const std::string run_id_ = fresh_run_id();
  PortLeases ports_{{run_id_, {}, {}}};
  RunPorts declared_{place_.config.separation.ports, ports_, false};
  Services services_{
      {loop_, ports_, run_id_, place_.folder, [this](const ServiceNews& news) { heard(news); },
       [this](const std::string& text) { tell(text); },
       [this](std::optional<Slot>, std::string_view name) { return declared_.keep(0, std::string(name)); },
       of_mode(place_.config.worker_environment)}};
  bool stopping_ = false, failed_ = false;
  int being_made_ = 0;  ///< databases
};

std::string table(const ServicesState& state) {
  std::string out;
  for (const ServiceRow& row : state.services) {
    std::string where;
    for (const auto& [name, number] : row.ports) {
      where += (where.empty() ? "" : ", ") + name + " 127.0.0.1:" + std::to_string(number);
    }
    if (!row.url.empty()) where += (where.empty() ? "" : ", ") + row.url;
    out += row.name + ": " + row.state + (row.why.empty() ? "" : " (it " + row.why + ")") +
           (where.empty() ? "" : "; " + where) + (row.log.empty() ? "" : "; log " + row.log) + "\n";
  }
  return out;
}

void Holder::tell_table() const {
  std::string text = table(state());
  if (!text.empty()) text.pop_back();
  tell(text);
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
  // The child is the guardian and forks the Holder, as main() and the engine of a run. Both outlive this process, which
  // only waits until the services have settled and then leaves them.
  if (child == 0) {
    pipe->read.reset();
    signals.release();
    detach();
    ::signal(SIGPIPE, SIG_IGN);
    Fd told = std::move(pipe->write);
    std::exit(run_guarded(
        [&](Fd guardian, GuardianPage&) { return Holder(place, std::move(guardian), std::move(told)).run(); }));
  }
  pipe->write.reset();
  // The guardian holds the pipe too: what is said ends with a table, or with the process.
  std::string said;
  char buffer[4096];
  bool interrupted = false;
  while (true) {
    // To the guardian, which hands it on to the Holder; that stops what has started.
    if (!interrupted && signals.came()) {
      interrupted = true;
      signals.release();  // a second one ends this process; the other has been told
      std::fputs("trun: interrupted: what was started is being stopped\n", stderr);
      ::kill(child, SIGTERM);
    }
    // Short waits, because the end of the child and the file must be looked at, too.
    const auto readable = posix::wait_readable(pipe->read, std::chrono::milliseconds(50));
    if (readable.ok() && *readable) {
      const ssize_t count = ::read(pipe->read.get(), buffer, sizeof buffer);
      if (count > 0) {
        said.append(buffer, static_cast<std::size_t>(count));
        continue;
      }
      ::poll(nullptr, 0, 20);  // its end is near
    }
    const auto ended = posix::reap(child);
    // The child has ended before the services settled: what it told is the reason.
    if (!ended.ok() || *ended) {
      std::fputs(said.c_str(), stderr);
      if (interrupted) return kInterrupted;
      return ended.ok() && !(*ended)->signaled ? (*ended)->code : kInternal;
    }
    if (interrupted) continue;
    const auto state = file.read();
    // Warnings come through the pipe as well, so the file must also say that no service is on its way. A failed service
    // ends the Holder, which the lines above see.
    const bool settled = state && !state->services.empty() && !said.empty() &&
                         std::none_of(state->services.begin(), state->services.end(), [](const ServiceRow& row) {
                           return row.state == "starting" || row.state == "waiting" || row.state == "failed";
                         });
    if (!settled) continue;
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
  std::fputs(table(*state).c_str(), stdout);
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
