#include "runner/services/process/service_process.h"

#include <signal.h>

#include <utility>

namespace trun {
namespace {

constexpr Duration kInitLimit = std::chrono::minutes(10);  // the deadline of its service comes before
constexpr Duration kDownLimit = std::chrono::seconds(20);
/// A process closes its sockets a moment before it can be waited for.
constexpr Duration kLastBreath = std::chrono::milliseconds(500);
constexpr std::size_t kLongestLine = 4096;  // std::regex recurses

}  // namespace

ServiceProcess::ServiceProcess(EventLoop& loop, ServiceLaunch launch, Callbacks callbacks)
    : loop_(loop), launch_(std::move(launch)), callbacks_(std::move(callbacks)) {}

ServiceProcess::~ServiceProcess() {
  if (pidfd_) loop_.unwatch(pidfd_.get());
  if (log_.pipe()) loop_.unwatch(log_.pipe().get());
}

Status ServiceProcess::start(const std::string& run_id) {
  // At the first launch only: a restart goes on in the same file.
  if (log_.path().empty()) {
    TRUN_TRY(log, ServiceLog::open(launch_.log, run_id));
    log_ = std::move(log);
  }
  TRUN_TRY(pipe, log_.connect());
  LaunchOptions program = launch_.program;
  program.stdout_fd = program.stderr_fd = pipe.get();
  TRUN_TRY(pid, launch(program));
  auto pidfd = posix::pidfd_open(pid);
  if (!pidfd.ok()) {
    // A process whose end nobody would hear of must not go on.
    (void)posix::kill_group(pid, SIGKILL);
    return pidfd.error();
  }
  pid_ = pid;
  pidfd_ = std::move(*pidfd);
  // A new launch has an empty {dir}: its log is looked through anew, and init runs again.
  matched_ = init_done_ = false;
  loop_.watch(pidfd_.get(), [this] { look(); });
  loop_.watch(log_.pipe().get(), [this] { read_log(); });
  return ok_status();
}

void ServiceProcess::read_log() {
  const int fd = log_.pipe().get();
  if (!log_.read([this](std::string_view line) { see(line); })) loop_.unwatch(fd);
}

void ServiceProcess::see(std::string_view line) {
  if (matched_ || !launch_.pattern) return;
  const std::string text(line.substr(0, kLongestLine));
  // Every line is looked at when it comes: the one that matches may come long before the first check.
  matched_ = std::regex_search(text, *launch_.pattern);
}

void ServiceProcess::check(TimePoint now) {
  using Kind = ReadyCheck::Kind;
  checked_at_ = now;
  const auto answered = [this](std::string complaint) { answer(std::move(complaint)); };
  switch (launch_.check.kind) {
    case Kind::started:
      return answer({});
    case Kind::log:
      return answer(matched_ ? "" : "no line of its log matches '" + launch_.check.pattern + "'");
    case Kind::tcp:
    case Kind::http:
      return probe_.connect(launch_.check, launch_.port, now, answered);
    case Kind::command:
      return probe_.run(launch_.check_command, now, ReadyProbe::kUsualLimit, answered);
  }
}

void ServiceProcess::answer(std::string complaint) {
  // The first check that passes starts init; until that is over no answer is given, so the machine sends no second
  // check.
  if (!complaint.empty() || init_done_ || launch_.init_command.argv.empty()) {
    return callbacks_.checked(std::move(complaint));
  }
  probe_.run(launch_.init_command, checked_at_, kInitLimit, [this](std::string wrong) {
    if (!wrong.empty()) return callbacks_.init_failed("its init command failed: " + wrong);
    init_done_ = true;
    callbacks_.checked({});
  });
}

void ServiceProcess::signal(int number) {
  if (pid_ != 0) (void)posix::kill_group(pid_, number);
}

void ServiceProcess::look_closely() {
  if (pid_ != 0 && posix::is_ending(pid_)) (void)posix::wait_readable(pidfd_, kLastBreath);
  look();
}

void ServiceProcess::look() {
  if (pid_ == 0) return;
  const auto seen = posix::peek(pid_);
  // Also called before a verdict (Services::look): mostly it still runs.
  if (seen.ok() && !*seen) return;
  loop_.unwatch(pidfd_.get());
  pidfd_.reset();
  // Before `ended`: an answer of this process's check would be taken for one of the next.
  probe_.cancel();
  // What it leaves behind in its group holds its ports and its log.
  const posix::ExitStatus status = posix::reap_with_group(std::exchange(pid_, 0));
  loop_.unwatch(log_.pipe().get());
  log_.finish([this](std::string_view line) { see(line); });
  std::string how = seen.ok() ? posix::describe(status) : seen.error().message;
  if (launch_.down_command.argv.empty()) return callbacks_.ended(std::move(how));
  // It counts as gone, and can be launched again, only when its containers are removed: the new ones have the same
  // names.
  going_down_ = true;
  probe_.run(launch_.down_command, Clock::now(), kDownLimit, [this, how](const std::string& wrong) {
    going_down_ = false;
    callbacks_.ended(how + (wrong.empty() ? "" : "; what it left could not be removed: " + wrong));
  });
}

}  // namespace trun
