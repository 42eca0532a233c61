#include "runner/workers/worker_watch.h"

#include <signal.h>
#include <unistd.h>

#include <exception>

#include "runner/wire/protocol.h"
#include "runner/workers/crew.h"

namespace trun {
namespace {

/// How long a process may live after it closed its channel: its atexit handlers run then.
constexpr Duration kMuteFor = std::chrono::seconds(10);

/// What a process says of its collection once it is being ended counts no more: the signal that asks for stacks wakes
/// a sleep in C, and the file that hung is followed by others, of which one would be blamed in its place.
bool comes_too_late(const WorkerProcess& worker, const FromWorker& frame) {
  return worker.stopping && (std::holds_alternative<CollectingFrame>(frame) ||
                             std::holds_alternative<Collected>(frame) || std::holds_alternative<CollectedPart>(frame));
}

}  // namespace

void WorkerWatch::add(WorkerProcess& worker) {
  WorkerProcess* w = &worker;
  loop_.watch(w->channel.socket().get(), [this, w] { heard(*w); });
  if (!held_) watch_output(worker);
  // The end is told by the pidfd, never by end-of-file: a child of the worker may hold its channel and pipes.
  loop_.watch(w->pidfd.get(), [this, w] { died(*w); });
  flush_when_writable(loop_, w->channel);
}

void WorkerWatch::watch_output(WorkerProcess& worker) {
  WorkerProcess* w = &worker;
  loop_.watch(w->out.fd().get(), [this, w] { printed(*w, w->out, event::OutputLine::Stream::out); });
  loop_.watch(w->err.fd().get(), [this, w] { printed(*w, w->err, event::OutputLine::Stream::err); });
}

void WorkerWatch::hold_output(const std::vector<std::unique_ptr<WorkerProcess>>& workers, bool held) {
  held_ = held;
  for (const auto& worker : workers) {
    // Its pipes have been read to the end, and are not watched any more.
    if (worker->exited) continue;
    if (!held) watch_output(*worker);
    for (const LinePipe* pipe : {&worker->out, &worker->err}) {
      if (held) loop_.unwatch(pipe->fd().get());
    }
  }
}

void WorkerWatch::printed(WorkerProcess& worker, LinePipe& pipe, event::OutputLine::Stream stream) {
  const auto line = [&](std::string_view text) { observer_.on_line(worker, stream, text); };
  if (pipe.read(line)) return;
  pipe.finish(line);
  loop_.unwatch(pipe.fd().get());
}

void WorkerWatch::heard(WorkerProcess& worker) {
  // Closed, but what came before is in the decoder: it is taken below.
  if (!worker.channel.read() && !worker.silent_since) {
    worker.silent_since = Clock::now();
    loop_.unwatch(worker.channel.socket().get());
  }
  // Each turn asks anew: an observer may lose the worker over a frame.
  while (!worker.garbled) {
    const auto payload = worker.channel.next();
    if (!payload.ok()) return lose(worker, payload.error().message);
    if (!*payload) break;
    auto frame = decode_from_worker(**payload);
    if (!frame.ok()) return lose(worker, frame.error().message);
    if (!comes_too_late(worker, *frame)) observer_.on_frame(worker, *frame);
  }
  // Also without a frame: passes come by the page, and the ring may be full of them.
  observer_.on_heard(worker);
}

void WorkerWatch::lose(WorkerProcess& worker, const std::string& why) {
  if (worker.garbled) return;
  worker.garbled = true;
  // One that was killed for another reason keeps that one.
  if (worker.lost.empty()) worker.lost = why;
  loop_.unwatch(worker.channel.socket().get());
  Crew::kill(worker);
}

void WorkerWatch::lose_if_mute(WorkerProcess& worker) {
  // After `done` its end has a limit of its own (--shutdown-timeout).
  if (!worker.done && worker.silent_since && Clock::now() - *worker.silent_since > kMuteFor)
    lose(worker, "it closed its channel and lived on");
}

void WorkerWatch::died(WorkerProcess& worker) {
  const auto seen = posix::peek(worker.pid);
  if (seen.ok() && !seen.value()) return;
  // A pidfd stays readable once its process has ended: the loop would call this for ever.
  loop_.unwatch(worker.pidfd.get());
  worker.ended = true;
  // Also of one that trun has killed: what it had finished and said before counts. What came by its channel may be
  // nonsense, what it wrote into its page before that counts all the same.
  std::exception_ptr thrown;
  try {
    if (worker.garbled)
      observer_.on_heard(worker);
    else
      heard(worker);
  } catch (...) {
    // Nothing more of it is read; its end is told first, and then the exception goes on.
    worker.garbled = true;
    thrown = std::current_exception();
  }
  // From here on it counts as gone (Crew::gone). It is still a zombie, so that its number is its own.
  worker.exited = seen.ok() ? *seen.value() : posix::ExitStatus{};
  worker.gone_at = Clock::now();
  // What it forked may hold its pipes and outlive it: what is there now is read, and its group ends.
  // Helpers of libraries that see its end and go are given a moment (orphans.h).
  const bool own_group = ::getpgrp() != worker.pgid;
  if (own_group && !ended_well(worker)) (void)posix::kill_group(worker.pid, SIGKILL);
  // Only now: once it is reaped, its number and its group may be anybody's.
  const auto status = posix::reap(worker.pid);
  if (status.ok() && *status) worker.exited = **status;
  for (LinePipe* pipe : {&worker.out, &worker.err}) {
    const auto stream = pipe == &worker.out ? event::OutputLine::Stream::out : event::OutputLine::Stream::err;
    const auto line = [&](std::string_view text) { observer_.on_line(worker, stream, text); };
    (void)pipe->read(line);
    pipe->finish(line);
    loop_.unwatch(pipe->fd().get());
  }
  loop_.unwatch(worker.channel.socket().get());
  observer_.on_exit(worker);
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace trun
