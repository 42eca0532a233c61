#include "runner/workers/fork_server.h"

#include <signal.h>
#include <unistd.h>

#include <cmath>

#include "runner/base/flag.h"
#include "runner/kernel/launch.h"
#include "runner/wire/protocol.h"
#include "runner/workers/stop_ladder.h"

namespace trun {
namespace {

constexpr int kAttempts = 3;
/// A fork takes milliseconds, writing the cache of a large suite a second.
constexpr Duration kAnswerWithin = std::chrono::seconds(30);

/// Of what was forked.
Result<pid_t> pid_of(const Result<FromServer>& answer) {
  if (!answer.ok()) return answer.error();
  if (const auto* forked = std::get_if<Forked>(&*answer)) return static_cast<pid_t>(forked->pid);
  if (const auto* failed = std::get_if<ForkFailed>(&*answer)) return internal_error("cannot fork: " + failed->error);
  return internal_error("the fork server answered a fork with something else");
}

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
    // While pytest starts, give_up_on() shows the stacks and leaves it to this place to end the server.
    if (Clock::now() >= deadline_) {
      stop(Clock::now());
      return internal_error("pytest did not get as far as collecting within " +
                            std::to_string(std::llround(std::ceil(seconds(limit_)))) +
                            " s (--collect-timeout); above is where it was");
    }
    deadline_ = TimePoint::max();
    if (answer.ok()) {
      const bool known = std::holds_alternative<Configured>(*answer) || std::holds_alternative<Usage>(*answer);
      // Known only now: the twin is forked by the server in the middle of its start.
      if (const auto* configured = std::get_if<Configured>(&*answer)) twin_.pid = configured->twin;
      return known ? std::move(answer) : internal_error("the fork server did not say what it parsed");
    }
    const posix::ExitStatus status = stop(Clock::now() + std::chrono::seconds(1));
    // One that ended by itself would do so again. A signal may have come from outside (a kill, no memory), and need not
    // come twice.
    if (!status.signaled || attempt == kAttempts || given_up_()) {
      return internal_error(python_ + " did not get as far as pytest (" + posix::describe(status) + ")");
    }
  }
}

Status ForkServer::start() {
  TRUN_TRY(pair, posix::socket_pair());
  TRUN_TRY(twin, posix::socket_pair());
  TRUN_TRY(out, posix::make_pipe());
  TRUN_TRY(err, posix::make_pipe());
  TRUN_CHECK(posix::set_nonblocking(pair.ours));
  TRUN_CHECK(posix::set_nonblocking(twin.ours));
  TRUN_CHECK(posix::set_nonblocking(out.read));
  TRUN_CHECK(posix::set_nonblocking(err.read));
  LaunchOptions program = boot_options(pair.theirs);
  program.stdout_fd = out.write.get();
  program.stderr_fd = err.write.get();
  TRUN_TRY(pid, launch(program));
  server_.pid = pid;
  // Before it is told anything, and so before it forks: whoever puts it into a control group has its forks in there,
  // too.
  if (launched_) launched_(pid);
  out_ = LinePipe(std::move(out.read));
  err_ = LinePipe(std::move(err.read));
  loop_.watch(out_.fd().get(), [this] { read_output(); });
  loop_.watch(err_.fd().get(), [this] { read_output(); });
  listen(server_, std::move(pair.ours));
  if (hello_.twin) listen(twin_, std::move(twin.ours));
  // The far ends are closed here at the end of the scope: the channel keeps copies until they are sent.
  const std::vector<int> with = hello_.twin ? std::vector<int>{twin.theirs.get()} : std::vector<int>{};
  return server_.channel.send_with(encode(hello_), with);
}

LaunchOptions ForkServer::boot_options(const Fd& control) const {
  LaunchOptions program;
  program.argv = {python_, boot_, std::to_string(control.get()), std::to_string(stacks_signal())};
  program.inherited = {control.get()};
  return program;
}

void ForkServer::listen(Peer& peer, Fd socket) {
  peer.channel = Channel(std::move(socket));
  peer.closed = false;
  // `server_` and `twin_` are members: the address outlives the watch.
  Peer* at = &peer;
  loop_.watch(peer.channel.socket().get(), [this, at] {
    at->closed = !at->channel.read();
    if (at->closed) loop_.unwatch(at->channel.socket().get());
  });
  flush_when_writable(loop_, peer.channel);
}

Result<pid_t> ForkServer::fork_late(const Fork& fork, const std::vector<int>& fds) {
  TRUN_CHECK(server_.channel.send_with(encode(fork), fds));
  return await_fork(server_);
}

Result<pid_t> ForkServer::fork_fresh(const Fork& fork, const std::vector<int>& fds, bool attached) {
  // A new interpreter does the same, only slower: it starts Python and imports pytest itself.
  if (twin_.pid == 0 || twin_.closed) return launch_fresh(fork, fds, attached);
  TRUN_CHECK(twin_.channel.send_with(encode(fork), fds));
  return await_fork(twin_);
}

Result<pid_t> ForkServer::await_fork(Peer& peer) {
  // Until the answer is here nobody knows the new pid: the engine reaps no stranger meanwhile (pulse.cc), or its status
  // would be lost.
  const Flag forking(forking_);
  const auto answer = receive_from(peer);
  const auto* forked = answer.ok() ? std::get_if<Forked>(&*answer) : nullptr;
  // Signals go there: never to init, or to everybody.
  if (forked && forked->server > 1) peer.pid = forked->server;
  return pid_of(answer);
}

Result<pid_t> ForkServer::launch_fresh(const Fork& fork, const std::vector<int>& fds, bool attached) {
  TRUN_TRY(pair, posix::socket_pair());
  // Standard output and error are the last that workers have (docs/protocol.md).
  constexpr std::size_t out = 4;
  LaunchOptions program = boot_options(pair.theirs);
  program.stdout_fd = fds.at(out);
  program.stderr_fd = fds.at(out + 1);
  // What a forked worker does by itself (process.py, settle).
  program.own_session = !attached;
  // From its exec on: it runs a long while before it reads `start`.
  program.dies_with_trun = true;
  TRUN_TRY(pid, launch(program));
  Hello hello = hello_;
  hello.role = Hello::Role::worker;
  // It forks nobody, and what imports bind to it binds nobody else.
  hello.twin = hello.observe = false;
  // It reads both before it imports anything; nothing is ever answered there. Without the second it ends by itself.
  Channel control(std::move(pair.ours));
  control.send(encode(hello));
  TRUN_CHECK(control.send_with(encode(fork), fds));
  return pid;
}

void ForkServer::read_output() {
  const auto out = [&](std::string_view line) { lines_(event::OutputLine::Stream::out, line); };
  const auto err = [&](std::string_view line) { lines_(event::OutputLine::Stream::err, line); };
  // End-of-file comes when the last process that inherited the pipe has closed it: forked workers have pipes of their
  // own.
  if (!out_.read(out)) {
    out_.finish(out);
    loop_.unwatch(out_.fd().get());
  }
  if (!err_.read(err)) {
    err_.finish(err);
    loop_.unwatch(err_.fd().get());
  }
}

Result<FromServer> ForkServer::receive() { return receive_from(server_); }

Result<FromServer> ForkServer::receive_from(Peer& peer) {
  // The start has a limit of the user's (--collect-timeout); all other answers have one of trun's.
  const TimePoint deadline = deadline_ == TimePoint::max() ? Clock::now() + kAnswerWithin : deadline_;
  // `late` is as of the last turn: one more look at the channel follows the deadline, so that a frame that has come in
  // time counts.
  for (bool late = false;; late = Clock::now() >= deadline) {
    TRUN_TRY(payload, peer.channel.next());
    if (payload) return decode_from_server(*payload);
    if (peer.closed) return internal_error("the fork server ended unexpectedly");
    if (given_up_()) return internal_error("interrupted");
    if (late) return give_up_on(peer);
    // The loop goes on with everything else; 50 ms bound how late a stop request or the deadline is seen.
    loop_.run_one(std::chrono::milliseconds(50));
  }
}

Error ForkServer::give_up_on(Peer& peer) {
  show_stacks(peer);
  // While pytest starts, the caller says what is wrong. Later it would answer the wrong question.
  if (deadline_ == TimePoint::max()) {
    if (peer.pid != 0) (void)posix::kill_group(peer.pid, SIGKILL);
    peer.closed = true;
  }
  return internal_error("the fork server did not answer in time");
}

void ForkServer::show_stacks(const Peer& peer) {
  if (peer.pid == 0) return;  // 0 would be trun's own group
  ::kill(peer.pid, stacks_signal());
  const TimePoint enough = Clock::now() + std::chrono::milliseconds(300);
  // The server writes them to its stderr, which the loop passes on to the user.
  while (Clock::now() < enough) loop_.run_one(std::chrono::milliseconds(20));
}

bool ForkServer::gone() {
  if (server_.pid == 0) return twin_gone();
  // Looked at first and reaped below together with its group, which ends before the number is free.
  const auto seen = posix::peek(server_.pid);
  if (seen.ok() && !seen.value()) return false;
  // What is in the pipes is read after its end, and no end-of-file is waited for: a descendant may hold them.
  ending_ = posix::reap_with_group(server_.pid);
  read_output();
  for (int fd : {server_.channel.socket().get(), out_.fd().get(), err_.fd().get()}) loop_.unwatch(fd);
  server_.pid = 0;
  server_.closed = true;  // nobody reads its end any more
  return twin_gone();
}

/// It leaves when its socket closes. Nothing of the user's runs in it, so that nothing keeps it.
bool ForkServer::twin_gone() {
  // Once the server is gone, or was never there, nobody forks from the twin any more.
  if (twin_.channel.socket().valid()) {
    loop_.unwatch(twin_.channel.socket().get());
    twin_.channel = Channel();
    twin_.closed = true;
  }
  if (twin_.pid == 0) return true;
  const auto status = posix::reap(twin_.pid);
  if (status.ok() && !status.value()) return false;
  twin_.pid = 0;
  return true;
}

void ForkServer::kill() {
  for (const Peer* peer : {&server_, &twin_}) {
    if (peer->pid != 0) (void)posix::kill_group(peer->pid, SIGKILL);
  }
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
