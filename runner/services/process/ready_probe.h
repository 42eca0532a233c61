// ReadyProbe: one look at whether a service is ready, over loopback or by a command. It waits for nothing: the loop
// tells it what has come, and it answers once, by a call.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/kernel/event_loop.h"
#include "runner/kernel/fd.h"
#include "runner/kernel/launch.h"
#include "runner/model/service.h"
#include "runner/services/process/http_reply.h"

namespace trun {

class ReadyProbe {
 public:
  /// Empty: it is ready. Else what was found instead.
  using Answer = std::function<void(std::string complaint)>;

  /// `loop` must outlive it.
  explicit ReadyProbe(EventLoop& loop) : loop_(loop) {}
  ~ReadyProbe() { cancel(); }

  /// Connects to `port` on 127.0.0.1; with http, asks too. May answer at once.
  void connect(const ReadyCheck& check, std::uint16_t port, TimePoint now, Answer answer);
  /// Runs a command, which may take so long. Its output is dropped, but for the last line of it.
  void run(LaunchOptions command, TimePoint now, Duration limit, Answer answer);

  /// For a connection and its answer, or a command that is asked often.
  static constexpr Duration kUsualLimit = std::chrono::seconds(2);

  /// Gives up what takes too long.
  void tick(TimePoint now);
  /// No answer is wanted any more.
  void cancel();
  bool open() const { return answer_ != nullptr; }
  /// Of the command; 0: none runs.
  pid_t pid() const { return pid_; }

 private:
  void begin(TimePoint now, Duration limit, Answer answer);
  void connected();
  void hear();
  void command_ended();
  void finish(std::string complaint);

  EventLoop& loop_;
  ReadyCheck check_;
  std::uint16_t port_ = 0;
  Answer answer_;
  TimePoint until_{};
  Duration limit_{0};
  Fd socket_;
  bool connecting_ = false;
  std::unique_ptr<HttpReply> reply_;
  pid_t pid_ = 0;
  Fd pidfd_, output_;
};

}  // namespace trun
