// Keys: what a person types while the run goes on, on the terminal that trun is in the foreground of. Looked at on
// every tick; a run whose stdin is something else pays nothing for it.
#pragma once

#include "runner/base/result.h"
#include "runner/containment/guardian_page.h"
#include "runner/kernel/terminal_mode.h"

namespace trun {

class Keys {
 public:
  /// `page` learns when the terminal must be put back.
  explicit Keys(GuardianPage& page) : page_(page) {}

  /// Whether `key` was typed since the last call. Whatever else was typed is gone. Takes the terminal over where that
  /// has not happened yet: at the first call, and when the job was stopped and is back in the foreground.
  bool pressed(char key);
  /// Puts the terminal back.
  Status leave();

 private:
  GuardianPage& page_;
  TerminalMode terminal_;
  bool listening_ = false;
};

}  // namespace trun
