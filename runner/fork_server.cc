#include "runner/fork_server.h"

#include <signal.h>
#include <unistd.h>

#include <cmath>

#include "runner/protocol.h"
#include "runner/stop_ladder.h"

namespace trun {
namespace {

constexpr int kAttempts = 3;

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
  TRUN_TRY(pid, loop_.launch({python_, boot_, std::to_string(inherited), std::to_string(stacks_signal())},
                             out.write.get(), err.write.get(), inherited));
  pid_ = pid;
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
  while (true) {
    TRUN_TRY(payload, channel_.next());
    if (payload) return decode_from_server(*payload);
    if (closed_) return internal_error("the fork server ended unexpectedly");
    if (given_up_()) return internal_error("interrupted");
    if (Clock::now() >= deadline_) {
      show_stacks();
      return internal_error("the fork server did not answer in time");
    }
    channel_.flush();
    loop_.run_one(std::chrono::milliseconds(50));
  }
}

void ForkServer::show_stacks() {
  ::kill(pid_, stacks_signal());
  const TimePoint enough = Clock::now() + std::chrono::milliseconds(300);
  while (Clock::now() < enough) loop_.run_one(std::chrono::milliseconds(20));
}

posix::ExitStatus ForkServer::stop(TimePoint deadline) {
  posix::ExitStatus ending;
  if (pid_ == 0) return ending;
  while (Clock::now() < deadline) {
    const auto status = posix::reap(pid_);
    if (status.ok() && status.value()) ending = *status.value();
    if (!status.ok() || status.value()) break;
    loop_.run_one(std::chrono::milliseconds(5));
  }
  (void)posix::kill_group(pid_, SIGKILL);
  (void)posix::reap(pid_);
  read_output();
  for (int fd : {channel_.socket().get(), out_.fd().get(), err_.fd().get()}) loop_.unwatch(fd);
  pid_ = 0;
  return ending;
}

}  // namespace trun
