#include "runner/services/process/ready_probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "runner/kernel/posix.h"

namespace trun {
namespace {

constexpr const char* kHost = "127.0.0.1";
constexpr std::size_t kOutput = 64 * 1024;

std::string refusal(int error, std::uint16_t port) {
  const std::string what = error == ECONNREFUSED ? "connection refused" : ::strerror(error);
  return what + " by " + kHost + ":" + std::to_string(port);
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

// One look at a time: begin(), then finish() with an answer or cancel() without one. Whatever ends it (an answer, its
// limit, the end of its service) goes through cancel(), so that no descriptor and no process of a look outlives it.
void ReadyProbe::begin(TimePoint now, Duration limit, Answer answer) {
  answer_ = std::move(answer);
  limit_ = limit;
  until_ = now + limit;
}

void ReadyProbe::connect(const ReadyCheck& check, std::uint16_t port, TimePoint now, Answer answer) {
  check_ = check;
  port_ = port;
  begin(now, kUsualLimit, std::move(answer));
  // Non-blocking: connect() returns at once, and tick() asks what became of it.
  socket_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, kHost, &address.sin_addr);
  if (!socket_) return finish(std::string("no socket: ") + ::strerror(errno));
  connecting_ = true;
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return connected();
  // A refusal comes at once, or later (tick()).
  if (errno != EINPROGRESS) {
    finish(refusal(errno, port));
  }
}

void ReadyProbe::connected() {
  connecting_ = false;
  if (check_.kind == ReadyCheck::Kind::tcp) return finish({});
  const std::string request = http_get(kHost, port_, check_.path);
  // A fresh socket takes a short request whole: nothing is kept to be sent later.
  if (::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    return finish(std::string("cannot send the request: ") + ::strerror(errno));
  }
  reply_ = std::make_unique<HttpReply>();
  loop_.watch(socket_.get(), [this] { hear(); });
}

void ReadyProbe::hear() {
  char buffer[8192];
  const ssize_t count = ::recv(socket_.get(), buffer, sizeof buffer, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count < 0) return finish(std::string("the connection broke: ") + ::strerror(errno));
  // End-of-file may be the regular end of a body.
  const Status status = count == 0 ? reply_->close() : reply_->feed({buffer, static_cast<std::size_t>(count)});
  if (!status.ok()) return finish(status.error().message);
  if (reply_->done()) finish(http_complaint(check_, reply_->status(), reply_->body()));
}

void ReadyProbe::run(LaunchOptions command, TimePoint now, Duration limit, Answer answer) {
  begin(now, limit, std::move(answer));
  // A file and no pipe: nobody needs to read it while the command runs.
  auto output = posix::scratch_file("trun-check");
  if (!output.ok()) return finish(output.error().message);
  output_ = std::move(*output);
  command.stdout_fd = command.stderr_fd = output_.get();
  const auto pid = launch(command);
  if (!pid.ok()) return finish(pid.error().message);
  pid_ = *pid;
  auto pidfd = posix::pidfd_open(pid_);
  // finish() kills the command, whose end could not be heard.
  if (!pidfd.ok()) return finish(pidfd.error().message);
  pidfd_ = std::move(*pidfd);
  loop_.watch(pidfd_.get(), [this] { command_ended(); });
}

void ReadyProbe::command_ended() {
  const auto seen = posix::peek(pid_);
  if (seen.ok() && !*seen) return;
  const posix::ExitStatus status = posix::reap_with_group(std::exchange(pid_, 0));
  if (!seen.ok()) return finish(seen.error().message);
  const bool passed = !status.signaled && status.code == 0;
  const std::string said = last_line(posix::contents(output_, kOutput));
  finish(passed ? "" : posix::describe(status) + (said.empty() ? "" : ", " + said));
}

void ReadyProbe::tick(TimePoint now) {
  if (!open()) return;
  if (connecting_) {
    pollfd entry{socket_.get(), POLLOUT, 0};
    if (::poll(&entry, 1, 0) > 0) {
      int error = 0;
      socklen_t size = sizeof error;
      // Writable says only that connect() is over; SO_ERROR says how (connect(2)).
      ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
      return error == 0 ? connected() : finish(refusal(error, port_));
    }
  }
  // Behind the look above: a connection that was made in time counts, however late the tick is.
  if (now < until_) return;
  const std::string within = " within " + std::to_string(static_cast<int>(seconds(limit_))) + " s";
  finish((connecting_ ? "no answer to the connection"
          : pid_ != 0 ? "the command did not end"
                      : "connected, but no answer to the request") +
         within);
}

void ReadyProbe::finish(std::string complaint) {
  // Taken out first: cancel() forgets it, and whoever is answered may begin the next look with this probe.
  const Answer answer = std::exchange(answer_, nullptr);
  cancel();
  answer(std::move(complaint));
}

void ReadyProbe::cancel() {
  answer_ = nullptr;
  connecting_ = false;
  reply_.reset();
  // Before the descriptor is closed: its number may be used again at once.
  if (socket_) loop_.unwatch(socket_.get());
  socket_.reset();
  if (pidfd_) loop_.unwatch(pidfd_.get());
  pidfd_.reset();
  // Its end is the reaper's: nobody waits for its status.
  if (pid_ != 0) (void)posix::kill_group(std::exchange(pid_, 0), SIGKILL);
  output_.reset();
}

}  // namespace trun
