// PluginHost: the engine's side of the process that plays xdist's controller for plugins and conftests (host.py). It is
// forked by the fork server before any worker, told what becomes of workers and tests, and asked what a worker's
// `workerinput` is to hold. Frames for it are queued: nobody waits for it while tests run. What follows from its end is
// the engine's to decide.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/result.h"
#include "runner/base/run_event.h"
#include "runner/kernel/event_loop.h"
#include "runner/kernel/posix.h"
#include "runner/wire/channel.h"
#include "runner/wire/host_frames.h"
#include "runner/wire/line_pipe.h"
#include "runner/workers/fork_server.h"

namespace trun {

class PluginHost {
 public:
  /// Gets each whole line that the host writes to stdout or stderr.
  using LineSink = std::function<void(event::OutputLine::Stream, std::string_view)>;

  /// `loop` must outlive it.
  PluginHost(EventLoop& loop, LineSink lines) : loop_(loop), lines_(std::move(lines)) {}

  /// Has `server` become it. Error: it could not be made.
  Status start(ForkServer& server, const HostStart& start);

  /// Whether there was to be one. All below is for a host that was started.
  bool started() const { return pid_ != 0; }
  /// It lives, and has not said that its session is over.
  bool at_work() const { return started() && !done_ && !exited_; }
  bool gone() const { return !started() || exited_.has_value(); }
  pid_t pid() const { return exited_ ? 0 : pid_; }

  /// What it said once it was configured; none: not yet.
  const std::optional<HostReady>& ready() const { return ready_; }
  const std::optional<HostDone>& done() const { return done_; }
  /// Its session was told to end, and is at that.
  bool ending() const { return ending_; }
  const std::optional<posix::ExitStatus>& exited() const { return exited_; }
  const std::string& last_words() const { return err_.tail(); }

  /// The `workerinput` for that process, if it is known; else it is asked for, and known some time later.
  std::optional<std::string> input(HostedProcess process);
  /// The answers to crash(), as they come.
  void on_crashed(std::function<void(const HostCrashed&)> crashed) { crashed_ = std::move(crashed); }
  /// Exceptions that end its session. It does not print them.
  void on_internal_error(std::function<void(const InternalError&)> failed) { failed_ = std::move(failed); }
  const std::optional<HostScopes>& scopes() const { return scopes_; }

  /// Queues what it is told of workers. Until release() it is kept: a collection may be repeated, and does not count
  /// then.
  void tell(std::string frame);
  void tell(HostTest test);
  /// What a worker that is ready says of its process; "": nothing.
  void tell_started(HostedProcess worker, std::string info);
  void release();
  void forget_held() { held_.clear(); }
  /// Sends at once.
  void send(std::string frame);
  /// Sends what has gathered. Called on every tick.
  void flush();

  /// Ctrl-C, for whatever its session is at.
  void interrupt();
  void kill();

 private:
  void heard();
  void take(const HostReady& frame) { ready_ = frame; }
  void take(const HostNode& frame) { inputs_[{frame.slot, frame.attempt}] = frame.input; }
  void take(const HostCrashed& frame) {
    if (crashed_) crashed_(frame);
  }
  void take(const HostScopes& frame) { scopes_ = frame; }
  void take(const InternalError& frame) {
    if (failed_) failed_(frame);
  }
  void take(const HostEnding&) { ending_ = true; }
  void take(const HostDone& frame) { done_ = frame; }
  void read_output();
  void died();
  void send_tests();

  EventLoop& loop_;
  const LineSink lines_;
  std::function<void(const HostCrashed&)> crashed_;
  std::function<void(const InternalError&)> failed_;
  Channel channel_;
  LinePipe out_, err_;
  pid_t pid_ = 0;
  Fd pidfd_;

  std::optional<HostReady> ready_;
  bool ending_ = false;
  std::optional<HostDone> done_;
  std::optional<HostScopes> scopes_;
  std::optional<posix::ExitStatus> exited_;
  std::map<std::pair<Slot, int>, std::string> inputs_;
  std::map<std::pair<Slot, int>, bool> asked_;

  std::vector<std::string> held_;
  bool released_ = false;
  std::vector<HostTest> tests_;  ///< not yet sent
  std::size_t tests_bytes_ = 0;
};

}  // namespace trun
