#include "runner/base/outcome.h"

#include <array>
#include <csignal>
#include <cstring>

namespace trun {
namespace {

// In the order of the variant: outcome_name() takes its index.
constexpr std::array<std::string_view, std::variant_size_v<Outcome>> kNames = {
    "passed",    "failed",        "skipped",        "xfailed", "xpassed",     "error",   "crashed",
    "timed_out", "out_of_memory", "premature_exit", "leaked",  "worker_lost", "not_run", "infrastructure"};

std::string signal_name(int signal) {
  // nullptr for real-time signals and what is none.
  const char* name = sigabbrev_np(signal);
  return name ? "SIG" + std::string(name) : "unknown";
}

/// "1.5 s", "90 s", "0.25 s".
std::string duration_text(Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) {
    // The 1000 keeps leading zeros: 50 ms are "050".
    std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
    while (fraction.back() == '0') fraction.pop_back();
    text += "." + fraction;
  }
  return text + " s";
}

struct Reason {
  std::string operator()(const outcome::Crashed& o) const {
    return "crashed (signal " + std::to_string(o.signal) + ", " + signal_name(o.signal) + ") in " +
           std::string(phase_name(o.phase)) + (o.where.empty() ? "" : ", at " + o.where);
  }
  std::string operator()(const outcome::TimedOut& o) const {
    return "timed out in " + std::string(phase_name(o.phase)) +
           (o.limit > Duration{0} ? " (limit " + duration_text(o.limit) + ")" : "");
  }
  std::string operator()(const outcome::OutOfMemory& o) const { return "out of memory: " + o.detail; }
  std::string operator()(const outcome::PrematureExit& o) const {
    return "the process exited with code " + std::to_string(o.code) + " in " + std::string(phase_name(o.phase));
  }
  std::string operator()(const outcome::Leaked& o) const { return "leaked: " + o.detail; }
  std::string operator()(const outcome::WorkerLost& o) const { return "worker lost: " + o.detail; }
  std::string operator()(const outcome::NotRun& o) const { return "not run: " + o.reason; }
  std::string operator()(const outcome::Infrastructure& o) const { return "infrastructure: " + o.detail; }
  // What pytest calls by name (failed, skipped, ...) has its reason in its reports.
  template <typename PytestsOwn>
  std::string operator()(const PytestsOwn&) const {
    return {};
  }
};

}  // namespace

std::string_view phase_name(Phase phase) {
  switch (phase) {
    case Phase::idle:
      return "idle";
    case Phase::start:
      return "start";
    case Phase::collect:
      return "collect";
    case Phase::setup:
      return "setup";
    case Phase::call:
      return "call";
    case Phase::teardown:
      return "teardown";
    case Phase::finish:
      return "finish";
    case Phase::exit:
      return "exit";
  }
  return "unknown";
}

std::string_view outcome_name(const Outcome& outcome) { return kNames[outcome.index()]; }

std::string outcome_reason(const Outcome& outcome) { return std::visit(Reason{}, outcome); }

bool is_bad(const Outcome& outcome) {
  // What was not run is counted apart, and decides the exit code by itself (exit_code.cc).
  return !std::holds_alternative<outcome::Passed>(outcome) && !std::holds_alternative<outcome::Skipped>(outcome) &&
         !std::holds_alternative<outcome::Xfailed>(outcome) && !std::holds_alternative<outcome::Xpassed>(outcome) &&
         !std::holds_alternative<outcome::NotRun>(outcome);
}

}  // namespace trun
