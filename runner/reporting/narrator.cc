#include "runner/reporting/narrator.h"

#include <algorithm>
#include <cstdio>

#include "runner/base/guarded.h"

namespace trun {

void Narrator::tell(RunEvent event) {
  // Tally and listener first: the reports take the event over.
  if (const auto* finished = std::get_if<event::TestFinished>(&event)) tally_.add(finished->result);
  if (listener_) tell_listener(event);
  reports_.tell(std::move(event));
}

void Narrator::tell_listener(RunEvent& event) {
  // The listener feeds the plugin host. If that throws, the host is given up and the run goes on; the notice goes to
  // the reports directly, because tell() would ask the listener again.
  const Status status = guarded([&] {
    listener_(event);
    return ok_status();
  });
  if (status.ok()) return;
  listener_ = {};
  reports_.tell(event::Notice{event::Notice::Level::error,
                              "the plugin host is told no more of the run: " + status.error().message});
}

void Narrator::say(event::OutputLine line) {
  // The collection may be repeated, and then its output would be shown twice.
  if (released_) return tell(std::move(line));
  held_lines_.push_back(std::move(line));
}

void Narrator::warn(Slot slot, int attempt, event::WarningRecorded warning) {
  if (!released_) {
    held_warnings_.push_back({slot, attempt, std::move(warning)});
    return;
  }
  // Every worker configures for itself, so each one repeats the warnings of that: slot 0 speaks for all. A replacement
  // collects again what was collected before.
  const bool repeated = warning.when == "config" || (warning.when == "collect" && attempt > 1);
  if (repeated && (slot != 0 || attempt > 1)) return;
  tally_.add_warning();
  tell(std::move(warning));
}

void Narrator::describe(Slot slot, int attempt, event::SuiteProperty property) {
  // A session fixture says it, and runs in every process.
  if (tally_.is_news(slot, attempt, property)) tell(std::move(property));
}

void Narrator::internal_error(const std::string& whose, const InternalError& error) {
  constexpr std::string_view kMark = "INTERNALERROR> ";
  // A hook of a conftest raises in every worker and in the plugin host. The traceback is shown once, the reason with
  // each process.
  const bool is_news = error.where.empty() || internal_errors_.insert({error.where, error.reason}).second;
  const std::string& text = is_news && !error.traceback.empty() ? error.traceback : error.reason;
  std::string said = whose + ": ";
  // Each line has the mark, as pytest writes internal errors.
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    said.append(begin > 0 ? "\n" : "").append(kMark).append(text, begin, end - begin);
    begin = end + 1;
  }
  if (!is_news) said += " (its traceback is above)";
  notice(event::Notice::Level::error, std::move(said));
}

void Narrator::leaks(const std::string& test, const TestResult& result) {
  // Its verdict names them already.
  if (std::holds_alternative<outcome::Leaked>(result.outcome)) return;
  for (const auto& [kind, what] : result.remarks->leaks) leak(test, kind, what);
}

void Narrator::leak(std::string test, std::string kind, std::string what) {
  // `what` begins with the pid. A worker may have named a process that came to the engine when the worker ended.
  if (kind == "processes" && !processes_.insert(what.substr(0, what.find(' '))).second) return;
  leaks_.push_back(std::move(test) + ": " + std::move(kind) + ": " + std::move(what));
}

void Narrator::tell_leaks() {
  constexpr std::size_t kMost = 10;
  if (leaks_.empty()) return;
  std::string text = "left behind (--leak fail makes it a failure, --leak ignore hides it):";
  for (std::size_t i = 0; i < std::min(leaks_.size(), kMost); ++i) text += "\n  " + leaks_[i];
  if (leaks_.size() > kMost)
    text += "\n  ... and " + std::to_string(leaks_.size() - kMost) + " more (--events has all)";
  notice(event::Notice::Level::warning, std::move(text));
}

void Narrator::release(bool copies) {
  // Before the loops, so that warn() tells instead of holding back again.
  released_ = true;
  for (auto& line : std::exchange(held_lines_, {})) {
    // With --collect=each every worker has printed the same. A line without a slot is of none of them.
    if (!copies || line.slot.value_or(0) == 0) tell(std::move(line));
  }
  for (auto& held : std::exchange(held_warnings_, {})) {
    if (!copies || held.slot == 0) warn(held.slot, held.attempt, std::move(held.warning));
  }
}

void Narrator::forget_held() {
  held_lines_.clear();
  held_warnings_.clear();
}

// The run ends before there are reports, so these lines are all that the user learns.
void Narrator::print_held() const {
  for (const auto& line : held_lines_) {
    std::fprintf(line.stream == event::OutputLine::Stream::out ? stdout : stderr, "%s\n", line.line.c_str());
  }
}

}  // namespace trun
