// ForkServer: the engine's side of the python process that has parsed pytest's arguments and forks workers. Launched
// once a run. It turns frames into values and knows no policy.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/result.h"
#include "runner/base/run_event.h"
#include "runner/kernel/event_loop.h"
#include "runner/kernel/launch.h"
#include "runner/kernel/posix.h"
#include "runner/wire/channel.h"
#include "runner/wire/line_pipe.h"
#include "runner/wire/server_frames.h"

namespace trun {

class ForkServer {
 public:
  /// Gets each whole line that the server writes to stdout or stderr.
  using LineSink = std::function<void(event::OutputLine::Stream, std::string_view)>;

  /// `loop` must outlive it. `given_up`: nobody wants to know any more what the server says.
  ForkServer(EventLoop& loop, LineSink lines, std::function<bool()> given_up)
      : loop_(loop), lines_(std::move(lines)), given_up_(std::move(given_up)) {}

  /// `launched` is called with the pid of each server that is started, before it can have forked.
  void on_launch(std::function<void(pid_t)> launched) { launched_ = std::move(launched); }

  /// Starts `python boot` and says hello. Returns `configured`, or `usage` where pytest did not get so far. A server
  /// that is killed meanwhile is started again, a few times. Error (usage): it cannot be started; (internal): it is no
  /// pytest.
  /// `limit`: how long pytest may take to get there; zero: no limit.
  Result<FromServer> open(const std::string& python, const std::string& boot, const Hello& hello, Duration limit);
  /// The same again, after it died.
  Status reopen();

  /// Waits for the next frame. Error: the server died, spoke nonsense, or did not answer within 30 s, and is killed
  /// then: somebody has stopped it, or a plugin's code hangs in it.
  Result<FromServer> receive();

  /// Sends `frame` and forgets it.
  void send(std::string frame) { server_.channel.send(std::move(frame)); }

  /// The process that the server has left before it imported what is the user's. It forks as the server does.
  /// Where there is none, because plugins have bound something to the server's process or it has died, a process is
  /// launched anew. `fds`: what comes with the frame, in its order. Returns the pid of what was made.
  Result<pid_t> fork_fresh(const Fork& fork, const std::vector<int>& fds, bool attached);
  /// What the server made of `fork`. Returns its pid.
  Result<pid_t> fork_late(const Fork& fork, const std::vector<int>& fds);

  /// Whether an answer to a fork is waited for. What was made may have ended by then, and nobody may take its status.
  bool forking() const { return forking_; }

  /// It has ended, or is about to.
  bool closed() const { return server_.closed; }
  pid_t pid() const { return server_.pid; }
  bool owns(pid_t pid) const { return pid != 0 && (pid == server_.pid || pid == twin_.pid); }
  /// Whether it is gone, without waiting: takes its status and the rest of its output if it has ended.
  bool gone();
  void kill();
  /// Waits for its end until `deadline`, then kills it. How it ended.
  posix::ExitStatus stop(TimePoint deadline);

 private:
  /// A process that answers frames.
  struct Peer {
    Channel channel;
    pid_t pid = 0;
    bool closed = true;
  };

  Result<pid_t> launch_fresh(const Fork& fork, const std::vector<int>& fds, bool attached);
  Status start();
  LaunchOptions boot_options(const Fd& control) const;
  void listen(Peer& peer, Fd socket);
  Result<FromServer> receive_from(Peer& peer);
  Result<pid_t> await_fork(Peer& peer);
  bool twin_gone();
  void show_stacks(const Peer& peer);
  Error give_up_on(Peer& peer);
  Result<FromServer> greet();
  void read_output();

  EventLoop& loop_;
  LineSink lines_;
  std::function<bool()> given_up_;
  std::function<void(pid_t)> launched_;
  std::string python_, boot_;
  Hello hello_;
  Duration limit_{0};
  TimePoint deadline_ = TimePoint::max();  ///< of the next frame
  Peer server_, twin_;
  bool forking_ = false;
  LinePipe out_, err_;
  posix::ExitStatus ending_;
};

}  // namespace trun
