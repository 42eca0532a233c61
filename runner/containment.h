// Containment: puts the run into a control group of its own where the machine lets us, so that nothing escapes the
// guardian. Costs nothing that anybody waits for: it is done while the interpreter starts.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "runner/cgroup.h"
#include "runner/guardian_page.h"

namespace trun {

class Containment {
 public:
  /// The guardian ends and removes the group when the engine is gone; `page` tells it which. Not `wanted`: there is to
  /// be none (a test of what goes without: the next run would end what such a run has left).
  Containment(GuardianPage& page, bool wanted) : page_(page), wanted_(wanted) {}

  /// Moves this process and `helper`, its first child, into the group. Only the first call does anything: what is
  /// started later is in it.
  void enter(pid_t helper);

  /// "the processes of the run are in the control group ...", or why there is none: for -v.
  const std::string& told() const { return told_; }

 private:
  GuardianPage& page_;
  const bool wanted_;
  std::string told_;
};

}  // namespace trun
