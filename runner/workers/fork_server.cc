#include "runner/workers/fork_server.h"

#include <signal.h>
#include <unistd.h>

#include <cmath>

#include "runner/kernel/launch.h"
#include "runner/wire/protocol.h"
#include "runner/workers/stop_ladder.h"

namespace trun {
namespace {

constexpr int kAttempts = 3;
/// A fork takes milliseconds, writing the cache of a large suite a second.
constexpr Duration kAnswerWithin = std::chrono::seconds(30);

}  // namespace

Result<FromServer> ForkServer::open(const std::string& python, const std::string& boot, const Hello& hello,
                                    Duration limit) {
  python_ = python;
  boot_ = boot;
  hello_ = hello;
  limit_ = limit;
  return greet();
}

Status ForkServer::reopen() {
  stop(Clock::now());
  TRUN_TRY(answer, greet());
  if (std::holds_alternative<Configured>(answer)) return ok_status();
  return internal_error("the fork server died, and pytest does not accept its arguments any more");
}

Result<FromServer> ForkServer::greet() {
  for (int attempt = 1;; ++attempt) {
    TRUN_CHECK(start());
    if (limit_ > Duration{0}) deadline_ = Clock::now() + limit_;
    auto answer = receive();
    if (Clock::now() >= deadline_) {
      stop(Clock::now());
      return internal_error("pytest did not get as far as collecting within " +
                            std::to_string(std::llround(std::ceil(seconds(limit_)))) +
                            " s (--collect-timeout); above is where it was");
    }
    deadline_ = TimePoint::max();
    if (answer.ok()) {
      const bool known = std::holds_alternative<Configured>(*answer) || std::holds_alternative<Usage>(*answer);
      return known ? std::move(answer) : internal_error("the fork server did not say what it parsed");
    }
    const posix::ExitStatus status = stop(Clock::now() + std::chrono::seconds(1));
    if (!status.signaled || attempt == kAttempts || given_up_()) {
      return internal_error(python_ + " did not get as far as pytest (" + posix::describe(status) + ")");
    }
  }
}

Status ForkServer::start() {
  TRUN_TRY(pair, posix::socket_pair());
  TRUN_TRY(out, posix::make_pipe());
  TRUN_TRY(err, posix::make_pipe());
  TRUN_CHECK(posix::set_nonblocking(pair.ours));
  TRUN_CHECK(posix::set_nonblocking(out.read));
  TRUN_CHECK(posix::set_nonblocking(err.read));
  const int inherited = pair.theirs.get();
  LaunchOptions program;
  program.argv = {python_, boot_, std::to_string(inherited), std::to_string(stacks_signal())};
  program.stdout_fd = out.write.get();
  program.stderr_fd = err.write.get();
  program.inherited = {inherited};
  TRUN_TRY(pid, launch(program));
  pid_ = pid;
  if (launched_) launched_(pid);
  closed_ = false;
  channel_ = Channel(std::move(pair.ours));
  out_ = LinePipe(std::move(out.read));
  err_ = LinePipe(std::move(err.read));
  loop_.watch(channel_.socket().get(), [this] {
    closed_ = !channel_.read();
    if (closed_) loop_.unwatch(channel_.socket().get());
  });
  loop_.watch(out_.fd().get(), [this] { read_output(); });
  loop_.watch(err_.fd().get(), [this] { read_output(); });
  channel_.send(encode(hello_));
  return ok_status();
}

void ForkServer::read_output() {
  const auto out = [&](std::string_view line) { lines_(event::OutputLine::Stream::out, line); };
  const auto err = [&](std::string_view line) { lines_(event::OutputLine::Stream::err, line); };
  if (!out_.read(out)) {
    out_.finish(out);
    loop_.unwatch(out_.fd().get());
  }
  if (!err_.read(err)) {
    err_.finish(err);
    loop_.unwatch(err_.fd().get());
  }
}

Result<FromServer> ForkServer::receive() {
  const TimePoint deadline = deadline_ == TimePoint::max() ? Clock::now() + kAnswerWithin : deadline_;
  for (bool late = false;; late = Clock::now() >= deadline) {
    TRUN_TRY(payload, channel_.next());
    if (payload) return decode_from_server(*payload);
    if (closed_) return internal_error("the fork server ended unexpectedly");
    if (given_up_()) return internal_error("interrupted");
    if (late) return give_up_on_it();
    channel_.flush();
    loop_.run_one(std::chrono::milliseconds(50));
  }
}

Error ForkServer::give_up_on_it() {
  show_stacks();
  // While pytest starts, the caller says what is wrong. Later it would answer the wrong question.
  if (deadline_ == TimePoint::max()) {
    kill();
    closed_ = true;
  }
  return internal_error("the fork server did not answer in time");
}

void ForkServer::show_stacks() {
  if (pid_ == 0) return;  // 0 would be trun's own group
  ::kill(pid_, stacks_signal());
  const TimePoint enough = Clock::now() + std::chrono::milliseconds(300);
  while (Clock::now() < enough) loop_.run_one(std::chrono::milliseconds(20));
}

bool ForkServer::gone() {
  if (pid_ == 0) return true;
  const auto status = posix::reap(pid_);
  if (status.ok() && !status.value()) return false;
  ending_ = status.ok() ? *status.value() : posix::ExitStatus{};
  (void)posix::kill_group(pid_, SIGKILL);
  read_output();
  for (int fd : {channel_.socket().get(), out_.fd().get(), err_.fd().get()}) loop_.unwatch(fd);
  pid_ = 0;
  closed_ = true;  // nobody reads its end any more
  return true;
}

void ForkServer::kill() {
  if (pid_ != 0) (void)posix::kill_group(pid_, SIGKILL);
}

posix::ExitStatus ForkServer::stop(TimePoint deadline) {
  while (Clock::now() < deadline && !gone()) loop_.run_one(std::chrono::milliseconds(5));
  kill();
  // It dies in a moment, unless it is stuck in the kernel.
  const TimePoint last = Clock::now() + std::chrono::seconds(1);
  while (!gone() && Clock::now() < last) loop_.run_one(std::chrono::milliseconds(1));
  return ending_;
}

}  // namespace trun
