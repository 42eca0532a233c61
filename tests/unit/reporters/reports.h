// pytest's reports as literals, one function a kind.
#pragma once

#include <string>
#include <utility>

#include "runner/base/test_result.h"

namespace trun {

inline Duration after(double value) { return Duration(static_cast<Duration::rep>(value * 1e9)); }

inline PhaseReport phase(std::string when, std::string outcome, std::string category, std::string letter,
                         std::string word) {
  PhaseReport r;
  r.when = std::move(when);
  r.outcome = std::move(outcome);
  r.category = std::move(category);
  r.letter = std::move(letter);
  r.word = std::move(word);
  r.duration = after(0.01);
  return r;
}

inline PhaseReport passed_phase(std::string when) {
  if (when == "call") return phase(when, "passed", "passed", ".", "PASSED");
  return phase(std::move(when), "passed", "", "", "");
}

inline PhaseReport failed_call(std::string message, std::string head_line) {
  PhaseReport r = phase("call", "failed", "failed", "F", "FAILED");
  r.longrepr = "\n    def test():\n>       assert 0\nE       " + message + "\n\ntests/test_a.py:3: AssertionError\n";
  r.longrepr_color = "\n    \x1b[94mdef\x1b[39;49;00m test():\n\x1b[1m\x1b[31mE       " + message + "\x1b[0m\n";
  r.crash_path = "/home/me/project/tests/test_a.py";
  r.crash_line = 3;
  r.crash_message = std::move(message);
  r.exception_type = "AssertionError";
  r.head_line = std::move(head_line);
  return r;
}

inline PhaseReport error_in(std::string when, std::string message, std::string head_line) {
  PhaseReport r = failed_call(std::move(message), std::move(head_line));
  r.when = std::move(when);
  r.category = "error";
  r.letter = "E";
  r.word = "ERROR";
  r.exception_type = "RuntimeError";
  return r;
}

inline PhaseReport skipped_in(std::string when, std::string reason, int line) {
  PhaseReport r = phase(std::move(when), "skipped", "skipped", "s", "SKIPPED");
  r.skip_path = "/home/me/project/tests/test_a.py";
  r.skip_line = line;
  r.skip_reason = "Skipped: " + reason;
  return r;
}

inline PhaseReport xfailed_call(std::string reason) {
  PhaseReport r = phase("call", "skipped", "xfailed", "x", "XFAIL");
  r.longrepr = "\nE   assert 0\n";
  r.wasxfail = std::move(reason);
  return r;
}

inline PhaseReport xpassed_call(std::string reason) {
  PhaseReport r = phase("call", "passed", "xpassed", "X", "XPASS");
  r.wasxfail = std::move(reason);
  return r;
}

inline PhaseReport subtest(std::string outcome, std::string description) {
  const bool failed = outcome == "failed";
  PhaseReport r = failed ? failed_call("assert 1 == 2", "test_sub " + description) : PhaseReport();
  r.when = "call";
  r.category = failed ? "failed" : "subtests passed";
  r.letter = "u";
  r.word = (failed ? "SUBFAILED" : "SUBPASSED") + description;
  r.outcome = std::move(outcome);
  r.subtest = std::move(description);
  return r;
}

}  // namespace trun
