#include "runner/kernel/terminal_mode.h"

#include <termios.h>
#include <unistd.h>

#include <csignal>

#include "runner/kernel/posix.h"

namespace trun {
namespace {

/// A process that has lost the foreground would be stopped by SIGTTOU for this.
void set(const termios& settings) {
  sigset_t stop, before;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTTOU);
  ::sigprocmask(SIG_BLOCK, &stop, &before);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &settings);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

struct TerminalMode::Saved {
  termios settings{};
};

TerminalMode::TerminalMode() {
  if (!posix::in_foreground(STDIN_FILENO)) return;
  saved_ = std::make_unique<Saved>();
  // What was not taken down cannot be put back: then the terminal is left alone.
  if (::tcgetattr(STDIN_FILENO, &saved_->settings) != 0) saved_.reset();
}

TerminalMode::~TerminalMode() = default;

bool TerminalMode::read_keys() {
  if (!saved_ || !posix::in_foreground(STDIN_FILENO)) return false;
  termios keys = saved_->settings;
  // Without ICANON keys come one by one, without ECHO they are not shown. ISIG stays: Ctrl-C and Ctrl-Z are signals.
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  // A read waits for one key and for no time (termios(3)).
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  set(keys);
  return true;
}

void TerminalMode::restore() const {
  // In the background the terminal belongs to the shell or to another job: it has settings of its own by then.
  if (saved_ && posix::in_foreground(STDIN_FILENO)) set(saved_->settings);
}

}  // namespace trun
