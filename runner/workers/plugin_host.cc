#include "runner/workers/plugin_host.h"

#include <signal.h>

#include "runner/wire/protocol.h"
#include "runner/workers/stop_ladder.h"

namespace trun {
namespace {

/// So much of what is told of tests travels in one frame.
constexpr std::size_t kMostTests = 500, kMostBytes = 256 * 1024;

}  // namespace

Status PluginHost::start(ForkServer& server, const HostStart& start) {
  TRUN_TRY(pair, posix::socket_pair());
  TRUN_TRY(out, posix::make_pipe());
  TRUN_TRY(err, posix::make_pipe());
  TRUN_CHECK(posix::set_nonblocking(pair.ours));
  TRUN_CHECK(posix::set_nonblocking(out.read));
  TRUN_CHECK(posix::set_nonblocking(err.read));
  Fork frame;
  frame.role = Fork::Role::host;
  frame.fds = 4;
  // It is the process that has imported what is the user's, as xdist's controller is, and keeps the run's folders.
  frame.in_place = frame.basetemp = true;
  // Its stacks are for whoever reads its stderr.
  // The order is that of a host's `fork` in docs/protocol.md.
  const std::vector<int> fds = {pair.theirs.get(), err.write.get(), out.write.get(), err.write.get()};
  TRUN_TRY(pid, server.fork_late(frame, fds));
  // No child is reaped between the answer and here: the number is certainly its own.
  TRUN_TRY(pidfd, posix::pidfd_open(pid));
  pid_ = pid;
  pidfd_ = std::move(pidfd);
  channel_ = Channel(std::move(pair.ours));
  out_ = LinePipe(std::move(out.read));
  err_ = LinePipe(std::move(err.read));
  loop_.watch(channel_.socket().get(), [this] { heard(); });
  loop_.watch(out_.fd().get(), [this] { read_output(); });
  loop_.watch(err_.fd().get(), [this] { read_output(); });
  // The end is told by the pidfd, not by end-of-file: hooks may leave processes that hold the pipes.
  loop_.watch(pidfd_.get(), [this] { died(); });
  flush_when_writable(loop_, channel_);
  channel_.send(encode(start));
  return ok_status();
}

std::optional<std::string> PluginHost::input(HostedProcess process) {
  const auto found = inputs_.find({process.slot, process.attempt});
  if (found != inputs_.end()) return found->second;
  // The first processes' inputs came with `ready`; only those of replacements are asked for.
  if (ready_ && process.attempt == 1 && process.slot < ready_->inputs.size()) return ready_->inputs[process.slot];
  // Asked once, however often the caller looks whether the answer is there.
  if (!std::exchange(asked_[{process.slot, process.attempt}], true)) send(encode(process));
  return std::nullopt;
}

void PluginHost::tell(std::string frame) {
  // A collection that is repeated counts for nothing: what was told of it is dropped, and hooks never hear of it.
  if (!released_) return held_.push_back(std::move(frame));
  send(std::move(frame));
}

void PluginHost::tell(HostTest test) {
  // Plain passes say nothing: they are limited by their number.
  tests_bytes_ += test.said.size();
  tests_.push_back(std::move(test));
  if (tests_.size() >= kMostTests || tests_bytes_ >= kMostBytes) send_tests();
}

void PluginHost::tell_started(HostedProcess worker, std::string info) {
  if (!info.empty()) tell(encode(HostRelay{worker, "started", std::move(info)}));
}

void PluginHost::release() {
  released_ = true;
  for (std::string& frame : std::exchange(held_, {})) send(std::move(frame));
}

void PluginHost::send(std::string frame) {
  // First: hooks must hear of a test before what came after it.
  send_tests();
  if (at_work()) channel_.send(std::move(frame));
}

void PluginHost::send_tests() {
  if (tests_.empty()) return;
  if (at_work()) channel_.send(encode(tests_));
  tests_.clear();
  tests_bytes_ = 0;
}

void PluginHost::flush() { send_tests(); }

void PluginHost::heard() {
  // Its channel is closed; its end is told by the pidfd.
  if (!channel_.read()) loop_.unwatch(channel_.socket().get());
  while (true) {
    const auto payload = channel_.next();
    if (!payload.ok() || !*payload) break;
    const auto frame = decode_from_host(**payload);
    // Behind nonsense no frame can be trusted; died() says what follows.
    if (!frame.ok()) return kill();
    std::visit([this](const auto& said) { take(said); }, *frame);
  }
}

void PluginHost::read_output() {
  for (LinePipe* pipe : {&out_, &err_}) {
    const auto stream = pipe == &out_ ? event::OutputLine::Stream::out : event::OutputLine::Stream::err;
    const auto line = [&](std::string_view text) { lines_(stream, text); };
    if (pipe->read(line)) continue;
    pipe->finish(line);
    loop_.unwatch(pipe->fd().get());
  }
}

void PluginHost::died() {
  // The status is left until all that it has said was heard.
  const auto seen = posix::peek(pid_);
  if (seen.ok() && !seen.value()) return;
  loop_.unwatch(pidfd_.get());
  heard();
  exited_ = posix::reap_with_group(pid_);  // what it started lives no longer than it does
  read_output();
  // No end-of-file is waited for: what it started may hold its pipes.
  for (LinePipe* pipe : {&out_, &err_}) loop_.unwatch(pipe->fd().get());
  loop_.unwatch(channel_.socket().get());
}

void PluginHost::interrupt() {
  if (at_work()) (void)posix::kill_process(pidfd_, SIGINT);
}

void PluginHost::kill() {
  if (gone()) return;
  (void)posix::kill_process(pidfd_, SIGKILL);
  (void)posix::kill_group(pid_, SIGKILL);
}

}  // namespace trun
